# The image that "make image" and "kpadvisor image" write without Docker:
#   docker build -t registry.example/kpadvisor:v1 .
FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /kpadvisor .

FROM scratch
COPY --from=build /kpadvisor /kpadvisor
COPY --from=build /src/licenses/licenses.txt /licenses.txt
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/kpadvisor"]
