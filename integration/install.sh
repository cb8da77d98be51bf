#!/usr/bin/env bash
# Puts sitewright on the PATH of a job on GitHub: the program of the release, or one that is built of the action's sources.
#
#   GITHUB_ACTION_PATH  the folder with the action's sources
#   REF                 the tag, branch or commit that the action is used at; may be empty
#   RELEASES            where the releases are, such as https://github.com/OWNER/sitewright/releases/download
#   RUNNER_TEMP         a folder of the job
#   GITHUB_PATH         the file that extends the PATH of later steps
#
# A release is taken only if it was made of the same commit: at its tag, or at the commit that its program names. At a branch,
# the program is built. An archive with a wrong checksum ends the job.
set -euo pipefail

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
folder=$RUNNER_TEMP/sitewright

get() { curl --fail --silent --show-error --location --retry 3 --output "$folder/$1" "$RELEASES/v$version/$1"; }

# Unpacks the release; says why not if it returns 1.
release() {
  local target name program said
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl ;;
    *) echo "no release is made for $(uname -s) on $(uname -m)"; return 1 ;;
  esac
  [[ $REF = "v$version" || $REF =~ ^[0-9a-f]{40}$ ]] || { echo "'$REF' is no release"; return 1; }
  name=sitewright-$version-$target
  mkdir -p "$folder"
  { get SHA256SUMS && get "$name.tar.gz"; } || { echo "no release $version was found"; return 1; }
  if ! (cd "$folder" && grep -F " $name.tar.gz" SHA256SUMS | sha256sum --check --quiet --strict); then
    echo "error: $name.tar.gz is not what SHA256SUMS of the release says" >&2
    exit 1
  fi
  tar --extract --file "$folder/$name.tar.gz" --directory "$folder" || exit 1
  program=$folder/$name/bin
  said=$("$program/sitewright" --version) || { echo "the program of release $version does not run here"; return 1; }
  # Its commit has 12 digits.
  if [ "$REF" != "v$version" ] && [[ $said != *"(${REF:0:12}, "* ]]; then
    echo "release $version was made of another commit: $said"
    return 1
  fi
  echo "$program" >>"$GITHUB_PATH"
  echo "took $said from the release"
}

if ! release; then
  echo "building sitewright"
  cargo build --release --locked --quiet --manifest-path "$GITHUB_ACTION_PATH/Cargo.toml"
  echo "$GITHUB_ACTION_PATH/target/release" >>"$GITHUB_PATH"
fi
