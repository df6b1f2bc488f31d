package io.wgfabric.core.codec;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Event;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.wire.PairReport;
import java.util.Base64;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON dialect: records by their components in order, values as the text they parse, bytes in Base64, times in
 * ISO 8601. Reading is strict: an unknown field, a missing primitive or anything after the value is an error.
 */
public final class Json {
    private static final int MAX_DEPTH = 32;
    /** A signed configuration travels as one string; whoever reads from the network limits the whole body. */
    private static final int MAX_STRING = 64 << 20;

    private static final JsonMapper MAPPER = build();

    private Json() {}

    /** Shared and immutable. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    private static JsonMapper build() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_STRING)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .changeDefaultVisibility(visibility -> visibility
                        .withFieldVisibility(Visibility.ANY)
                        .withGetterVisibility(Visibility.NONE)
                        .withIsGetterVisibility(Visibility.NONE))
                .changeDefaultPropertyInclusion(include -> include.withValueInclusion(JsonInclude.Include.NON_NULL))
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .addMixIn(Command.class, TypeTags.Commands.class)
                .addMixIn(Event.class, TypeTags.Events.class)
                .addMixIn(Outcome.class, TypeTags.Outcomes.class)
                .addModule(values())
                .build();
    }

    private static SimpleModule values() {
        SimpleModule module = new SimpleModule("fabric-values");
        text(module, Address.class, Address::parse);
        text(module, Prefix.class, Prefix::parse);
        text(module, Endpoint.class, Endpoint::parse);
        text(module, PublicKey.class, PublicKey::parse);
        text(module, ClusterId.class, ClusterId::parse);
        text(module, NodeId.class, NodeId::parse);
        text(module, TokenId.class, TokenId::parse);
        text(module, OperatorId.class, OperatorId::parse);
        text(module, RequestId.class, RequestId::parse);
        text(module, NodeName.class, NodeName::parse);
        text(module, PairReport.class, PairReport::parse);
        module.addKeyDeserializer(NodeId.class, new KeyDeserializer() {
            @Override
            public Object deserializeKey(String key, DeserializationContext context) {
                return NodeId.isValid(key)
                        ? new NodeId(key)
                        : context.handleWeirdKey(NodeId.class, key, "not a node's id");
            }
        });
        value(
                module,
                Bytes.class,
                bytes -> Base64.getEncoder().encodeToString(bytes.toArray()),
                text -> Bytes.of(Base64.getDecoder().decode(text)));
        module.addSerializer(Revision.class, new ValueSerializer<Revision>() {
            @Override
            public void serialize(Revision value, JsonGenerator out, SerializationContext context) {
                out.writeNumber(value.number());
            }
        });
        module.addDeserializer(Revision.class, new ValueDeserializer<Revision>() {
            @Override
            public Revision deserialize(JsonParser in, DeserializationContext context) {
                return new Revision(in.getLongValue());
            }
        });
        return module;
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        value(module, type, Object::toString, parse);
    }

    private static <T> void value(
            SimpleModule module, Class<T> type, Function<T, String> format, Function<String, T> parse) {
        module.addSerializer(type, new ValueSerializer<T>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializationContext context) {
                out.writeString(format.apply(value));
            }
        });
        module.addDeserializer(type, new ValueDeserializer<T>() {
            @Override
            public T deserialize(JsonParser in, DeserializationContext context) {
                String text = in.getString();
                try {
                    return parse.apply(text);
                } catch (IllegalArgumentException e) {
                    String message = e.getMessage();
                    return context.reportInputMismatch(this, "%s", message == null ? "bad value" : message);
                }
            }
        });
    }
}
