package io.wgfabric.javalin.cli;

/** How a reading command prints. */
enum Format {
    TABLE,
    JSON,
    YAML
}
