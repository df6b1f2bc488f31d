package io.wgfabric.javalin.rest;

import io.wgfabric.api.Address;
import io.wgfabric.api.AddressUse;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.TokenId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An overlay address as operators see it.
 *
 * @param state {@code leased}, {@code reserved}, {@code held} for a token, {@code resting} or {@code free}
 * @param node who has it
 * @param reservedFor the name whose node alone may have it
 * @param usableFrom when others may have it, if that is later
 */
public record AddressRow(
        Address address,
        String state,
        @Nullable NodeId node,
        @Nullable NodeName name,
        @Nullable NodeName reservedFor,
        @Nullable TokenId token,
        @Nullable Instant usableFrom) {

    static AddressRow of(AddressUse use, FabricView view) {
        return new AddressRow(
                use.address(),
                use.state().name().toLowerCase(Locale.ROOT),
                use.node(),
                Optional.ofNullable(use.node())
                        .flatMap(view::node)
                        .map(Node::name)
                        .orElse(null),
                use.reservedFor(),
                use.token(),
                use.usableFrom());
    }
}
