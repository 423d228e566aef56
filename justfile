# One line each; the work is in .ci/run.
check:
    .ci/run check
test:
    .ci/run test
ci:
    .ci/run
fix:
    .ci/run fix
snap:
    .ci/run snap
bench:
    .ci/run bench
report:
    .ci/run report
docs:
    .ci/run docs
