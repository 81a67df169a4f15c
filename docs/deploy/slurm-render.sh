#!/bin/bash
# One array job, one shard for each task. The number of shards is the size of the array; it must count from 0 by 1:
#   job=$(sbatch --parsable --array=0-7 slurm-render.sh)
#   sbatch --dependency=afterany:$job slurm-merge.sh
# afterany, not afterok: a shard whose data has errors ends with 1, and the merge says what is missing.
#SBATCH --job-name=jixiao-render
#SBATCH --array=0-7
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=512M
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=jixiao-render-%A_%a.log
set -euo pipefail
# The shard comes from SLURM_ARRAY_TASK_ID and _COUNT. A task that was killed and is started again takes up where it
# stopped.
exec "${JIXIAO:-jixiao}" render "${JIXIAO_DATA:-data}" --output "${JIXIAO_OUTPUT:-output}" \
  --format "${JIXIAO_FORMAT:-pdf,xlsx}" --jobs "${SLURM_CPUS_PER_TASK:-1}"
