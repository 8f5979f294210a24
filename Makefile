# What people and CI run. Every target works from a fresh clone with Go alone;
# what needs more says so and goes on.

GO       ?= go
FUZZTIME ?= 50000x
FUZZ     ?= ./...
# The real data sets stand beside the project and are never part of it.
DATASETS ?= ../shared/datasets

.PHONY: help build test lint fmt eval fuzz bench bench-limit kill mutate duckdb cover clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./trailhound, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -o trailhound ./cmd/trailhound

test: ## run every test; those on real data are skipped where it is missing
	@ls $(DATASETS)/*.tar.gz >/dev/null 2>&1 || echo "NOTE: $(DATASETS) is missing: tests on real data will be SKIPPED, NOT PASSED"
	$(GO) test -timeout 25m ./...

lint: ## gofmt, go vet, staticcheck
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	@if $(GO) tool -modfile=tools/go.mod -n staticcheck >/dev/null 2>&1; then \
		echo "staticcheck ./..."; $(GO) tool -modfile=tools/go.mod staticcheck ./...; \
	else echo "NOTE: staticcheck could not be downloaded: NOT RUN; gofmt and go vet passed"; fi

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

eval: ## score reports on incidents whose truth is known; EVAL="--events 5000" for a quick look
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	if sh $(DATASETS)/unpack "$$dir" 2>/dev/null; then \
		echo "simulated incidents and real data"; $(GO) run ./cmd/trailhound eval $(EVAL) --datasets "$$dir"; \
	else echo "NOTE: $(DATASETS) is missing: simulated incidents only"; $(GO) run ./cmd/trailhound eval $(EVAL); fi

fuzz: ## run each fuzz test for FUZZTIME (50000x, or 5m), of the packages FUZZ (all)
	@$(GO) test -list '^Fuzz' $(FUZZ) | awk '/^Fuzz/{f[n++]=$$1} /^ok/{for(i=0;i<n;i++)print $$2, f[i]; n=0}' | \
	while read -r pkg name; do echo "$$name in $$pkg"; \
		$(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) "$$pkg" || exit 1; done

bench: ## measure import, queries and a whole case
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-limit: ## ratios to gunzip alone on two million events: 4 GB of disk, ten minutes
	bench/limit.sh $(EVENTS)

kill: ## kill 200 imports at random moments and go on with each
	$(GO) test -count=1 -timeout 60m -run KillNine -v ./internal/store -args -kills 200

mutate: ## read 10,000 damaged files beside intact ones
	$(GO) test -count=1 -timeout 60m -run MutatedFiles -v ./internal/source/all -args -mutations 10000

duckdb: ## hold a store against DuckDB, fetched with npm
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && npm install --silent --prefix "$$dir" @duckdb/node-api && \
	NODE_PATH="$$dir/node_modules" $(GO) test -count=1 -run DuckDB -v ./internal/store

cover: ## test coverage by package, in coverage.out
	$(GO) test -coverprofile=coverage.out ./...
	$(GO) tool cover -func=coverage.out | tail -n 1

clean: ## remove what the targets above made
	rm -f trailhound coverage.out
	$(GO) clean -testcache
