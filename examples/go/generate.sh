#!/usr/bin/env bash
# Makes the Go packages of the protos in ./tinctpb. Needs protoc (PROTOC names another program, such as
# "python -m grpc_tools.protoc"), protoc-gen-go and protoc-gen-go-grpc in PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
protos=../../protos
rm -rf tinctpb
mkdir tinctpb
options=()
for file in "$protos"/tinct/v1/*.proto; do
  name=tinct/v1/$(basename "$file")
  options+=("--go_opt=M$name=tinct.example/tinctpb" "--go-grpc_opt=M$name=tinct.example/tinctpb")
done
${PROTOC:-protoc} -I "$protos" "${options[@]}" \
  --go_out=. --go_opt=module=tinct.example --go-grpc_out=. --go-grpc_opt=module=tinct.example \
  "$protos"/tinct/v1/*.proto
