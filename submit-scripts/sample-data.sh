#!/usr/bin/env bash
# Makes the embedded sample dataset: 64 x 64 PNG images of emoji in 100 classes, split into train and val.
#
#   sample-data.sh [--images-only] [WORK_FOLDER]
#
# Fetches pinned npm packages (Noto Emoji and Twemoji artwork, and a PNG codec) into WORK_FOLDER/packages,
# lays out WORK_FOLDER/images/{train,val}/<class>/*.png (sample-data.mjs tells how), and has the prepare job
# replace jobs/src/main/resources/dev/expanse/jobs/sample by it. The images are the same bytes on every run.
# --images-only skips the job. WORK_FOLDER is a new temporary folder by default; it is kept (about 180 MB).
# Needs bash, tar, sha256sum, node 18 or newer with npm, and what local.sh needs. The artwork's licences and
# authors are in the sample folder's NOTICE.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
sample=$root/jobs/src/main/resources/dev/expanse/jobs/sample

usage() {
  echo "usage: ${0##*/} [--images-only] [WORK_FOLDER]" >&2
  exit 2
}

images_only=false
work=
for argument in "$@"; do
  case $argument in
    --images-only) images_only=true ;;
    -*) usage ;;
    *) [[ -z $work ]] || usage; work=$argument ;;
  esac
done
[[ -n $work ]] || work=$(mktemp -d)
mkdir -p "$work/packages/node_modules"
work=$(cd "$work" && pwd)
packages=$work/packages

# fetch NAME VERSION SHA256 PATH...: unpacks these paths of the npm package as node_modules/NAME.
fetch() {
  local name=$1 version=$2 checksum=$3
  local archive=$packages/$name-$version.tgz folder=$packages/node_modules/$name
  if [[ ! -f $archive ]]; then
    npm pack --loglevel=error --pack-destination "$packages" "$name@$version" >/dev/null
  fi
  echo "$checksum  $archive" | sha256sum --check --quiet
  rm -rf "$folder"
  mkdir "$folder"
  tar -xzf "$archive" -C "$folder" --strip-components=1 "${@:4}"
}

fetch emoji-datasource-google 16.0.0 fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438 \
  package/emoji.json package/img/google/64
fetch emoji-datasource-twitter 16.0.0 f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877 \
  package/img/twitter/64
fetch upng-js 2.1.0 f9aba5cb21db38a737c5ca21ce4274432b24f365bf1eab0375bd41871c1aeffc package
fetch pako 1.0.11 0d4028dc0352a740c30cbfd772917f2744986d42bfa0b06ec7642bffe7ad3941 package

node "$here/sample-data.mjs" "$packages" "$work/images"
echo "images: $work/images"
if [[ $images_only == true ]]; then
  exit 0
fi

# The job writes beside the sample, which is then replaced by renames, so that it is never half written.
stage=$(mktemp -d "$root/.sample.XXXXXX")
clean_up() {
  [[ -d $sample ]] || mv "$stage/old" "$sample"
  rm -rf "$stage"
}
trap clean_up EXIT
"$here/local.sh" prepare --input "$work/images" --output "$stage/new" --seed 1 \
  --source "Noto Emoji and Twemoji, from the npm packages emoji-datasource-google and -twitter 16.0.0"
find "$stage/new" -name '.*.crc' -delete # of Hadoop's local file system
cp "$sample/NOTICE" "$stage/new/NOTICE"
mv "$sample" "$stage/old"
mv "$stage/new" "$sample"
echo "sample: $sample"
