package io.wgfabric.core.netmap;

import io.wgfabric.api.Edition;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * A configuration as it is sent and stored: a full one and the deltas that followed it, all of one signer.
 *
 * @param base JWS in compact form, with the signer's certificate
 * @param deltas {@link SignedDelta#line} of each, in their order
 */
public record SignedNetmap(String base, List<String> deltas) {
    public SignedNetmap {
        deltas = List.copyOf(deltas);
    }

    public static SignedNetmap of(String base) {
        return new SignedNetmap(base, List.of());
    }

    /**
     * The newest edition that its deltas speak of; nobody has looked whether they are to be believed.
     *
     * @return {@link Edition#NONE} if there is none
     */
    public Edition claimed() {
        Edition newest = Edition.NONE;
        for (String line : deltas) {
            Edition claimed = claimed(line);
            newest = newest.isBefore(claimed) ? claimed : newest;
        }
        return newest;
    }

    /** A damaged line says nothing. */
    private static Edition claimed(String line) {
        try {
            return Json.mapper()
                    .readValue(SignedDelta.parse(line).payload(), NetmapDelta.class)
                    .edition();
        } catch (CryptoException | JacksonException | IllegalArgumentException e) {
            return Edition.NONE;
        }
    }
}
