# The two commands of a new user are `make demo` and `make test`; both fetch what the machine lacks.

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jixiao
VENV := $(CACHE)/venv
PEERS := $(CACHE)/peers
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: demo test lint bench bench-peers deps fonts

demo: fonts
	cargo build --release
	cargo run --release --quiet -- render data -o output --collect
	@echo "看看 output/ 里的 PDF 和 Excel 文件：每个项目的表、部门的合订本和汇总、全部的汇总.xlsx。"

test: deps
	JIXIAO_PYTHON=$(VENV)/bin/python cargo test --release

lint:
	cargo fmt --check
	cargo clippy --release --all-targets -- -D warnings

bench: fonts
	cargo bench --bench stages

# Other tools on the same tables, side by side; installs them.
bench-peers: deps $(PEERS)/.ready
	cargo build --release
	$(PEERS)/bin/python tests/benches/peers/peers.py $$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/jixiao

$(PEERS)/.ready: tests/benches/peers/requirements.txt
	ldconfig -p | grep -q libpangoft2 || { $(APT) update && $(APT) install -y --no-install-recommends libpangoft2-1.0-0; }
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# A Chinese font, for all commands.
fonts:
	@if ! fc-list : family 2>/dev/null | grep -qE 'Noto Serif CJK SC|Source Han Serif|SimSun'; then \
	  command -v apt-get >/dev/null || { echo "请安装中文字体，如 Noto Serif CJK SC"; exit 1; }; \
	  $(APT) update && $(APT) install -y --no-install-recommends fontconfig fonts-noto-cjk; \
	fi

# The judges of the tests: poppler, qpdf, LibreOffice, Slurm, and Python packages in an environment of their own.
deps: fonts $(VENV)/.ready
	@missing=; \
	for pair in pdftotext:poppler-utils qpdf:qpdf soffice:libreoffice-calc-nogui \
	    /usr/sbin/slurmctld:slurmctld /usr/sbin/slurmd:slurmd sbatch:slurm-client; do \
	  command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; \
	done; \
	if [ -n "$$missing" ]; then $(APT) update && $(APT) install -y --no-install-recommends $$missing; fi

$(VENV)/.ready: tests/judges/requirements.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { $(APT) update && $(APT) install -y --no-install-recommends python3-venv; }
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
