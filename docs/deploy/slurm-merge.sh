#!/bin/bash
# Puts the shards of slurm-render.sh together, then makes volumes and workbooks. Ends with 1 and names the shard to run
# again when one is missing: sbatch --array=0-7 slurm-render.sh once more does that, and redoes only what is missing.
#SBATCH --job-name=jixiao-merge
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=512M
#SBATCH --output=jixiao-merge-%j.log
set -euo pipefail
exec "${JIXIAO:-jixiao}" merge "${JIXIAO_OUTPUT:-output}" "${JIXIAO_DATA:-data}" \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" ${JIXIAO_MERGE_OPTIONS---collect}
