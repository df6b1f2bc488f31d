package io.wgfabric.javalin.rest;

import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;

/**
 * An operator as others see him; nothing in it lets anybody in.
 *
 * @param access {@code viewer}, {@code operator} or {@code admin}
 */
public record OperatorRow(OperatorId id, String name, String access) {

    static OperatorRow of(Operator operator) {
        return new OperatorRow(operator.id(), operator.name(), operator.access().text());
    }
}
