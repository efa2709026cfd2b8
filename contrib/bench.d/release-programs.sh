# shellcheck shell=bash
# The programs as they are released, for contrib/bench and contrib/bench.d/bench-sync.

# build_release_programs DIR: puts mailbrokerd and mb, built for release, into a new directory DIR.
# To be called in the root of the sources.
build_release_programs() {
    local product
    for product in mailbrokerd mb; do
        swift build -c release --static-swift-stdlib --product "$product" >&2
    done
    mkdir "$1"
    product=$(swift build -c release --static-swift-stdlib --show-bin-path)
    cp "$product"/{mailbrokerd,mb} "$1"
    strip "$1/mb"
}
