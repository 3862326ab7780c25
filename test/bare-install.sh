#!/usr/bin/env bash
# Regente installs with npm and Node, nothing else. From a fresh clone (npm ci, npm run demo) and from the packed package (npm
# install, again from the lock that this makes, one execution): each with an empty home and an empty npm cache, on a
# PATH that has Node, npm, git and the shell's small tools, but no Python, make or compiler. Of the user's npm settings only
# the registry and its certificates are taken along. Says how long the installs take and how large they are, and holds what is
# promised of that: under 60 MB for a user, under 200 MB for the image.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/bin" "$place/home" "$place/app"
for tool in node npm npx git sh bash env ls cat rm mkdir uname dirname basename sed grep tar gzip ps readlink; do
  ln -s "$(command -v "$tool")" "$place/bin/$tool"
done
registry=$(npm config get registry)
certificates=$(npm config get cafile)

bare() {
  env -i PATH="$place/bin" HOME="$place/home" TMPDIR="$place" npm_config_registry="$registry" \
    ${certificates:+npm_config_cafile="$certificates"} "$@"
}
say() { printf -- '-- %s\n' "$*"; }
seconds_of() {
  local begun=$SECONDS
  "$@"
  say "$((SECONDS - begun)) s: ${*:2}"
}
fail() {
  printf 'bare install: %s\n' "$*" >&2
  exit 1
}

for tool in python3 python make cc gcc g++; do
  if bare sh -c "command -v $tool" >/dev/null; then fail "$tool is there, so nothing is proven"; fi
done

git clone --quiet "$repository" "$place/clone"
cd "$place/clone"
seconds_of bare npm ci
seconds_of bare npm run demo
seconds_of bare npm pack --silent --pack-destination "$place"

# What users have: a Node that runs Regente itself.
ln -sf "$place/clone/node_modules/node/bin/node" "$place/bin/node"
rm -rf "$place/home"
mkdir "$place/home"
cd "$place/app"
# npm would look for a project in the folders above.
echo '{}' > package.json
seconds_of bare npm install "$place"/regente-*.tgz
installed=$(du -sm node_modules | cut -f1)
say "$installed MB, $(find node_modules -name package.json -path '*node_modules/*' | wc -l) package.json"
[ "$installed" -lt 60 ] || fail 'a user installs 60 MB or more'
# The layers of the image (Dockerfile): Alpine with libstdc++, Node's binary, and what was installed here.
image=$((12 + $(du -smL "$place/bin/node" | cut -f1) + installed))
say "the image: about $image MB"
[ "$image" -lt 200 ] || fail 'the image has 200 MB or more'
rm -rf node_modules
seconds_of bare npm install
[ ! -d node_modules/dynalite ] || fail 'dynalite came along'
cat >hello.asl.json <<'END'
{ "StartAt": "Hello", "States": { "Hello": { "Type": "Pass", "Result": "from a bare machine", "End": true } } }
END
output=$(bare npx --no-install regente run hello.asl.json --input '{}' 2>errors) || fail "the execution failed: $(cat errors)"
[ "$output" = '"from a bare machine"' ] || fail "the execution gave $output"
if grep -i 'warning' errors; then fail 'Node printed a warning'; fi
say 'an execution ran from the installed package'
