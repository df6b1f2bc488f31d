package io.wgfabric.javalin.cli;

/** How a reading command prints. */
enum Format {
    TABLE,
    /** A table with more columns, where there are more; wider than a terminal may be. */
    WIDE,
    JSON,
    YAML
}
