#!/usr/bin/env bash
# Builds kube-apiserver for tests/deploy/test_cluster.py: build_apiserver.sh FOLDER [MINOR.PATCH].
# Takes a Go, a quarter of an hour on two cores and 3 GB of its cache. Its parts are versioned as
# v0.x beside the v1.x of the whole, which `go install` alone does not find.
set -euo pipefail
folder=$1 version=${2:-36.3}
[ ! -x "$folder/kube-apiserver" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init apiserver
go mod edit -require "k8s.io/kubernetes@v1.$version"
of_whole=$(go mod download -json "k8s.io/kubernetes@v1.$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
for part in $(sed -n 's/^\s*\(k8s.io\/[a-z0-9-]*\) v0.0.0$/\1/p' "$of_whole"); do
  go mod edit -replace "$part=$part@v0.$version"
done
printf 'package main\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver/app"\n\nfunc main() {}\n' >main.go
export GOFLAGS=-mod=mod
go mod tidy -e
named=k8s.io/component-base/version
flags="-s -w -X $named.gitVersion=v1.$version -X $named.gitMajor=1 -X $named.gitMinor=${version%%.*}"
go build -ldflags="$flags" -o "$folder/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
