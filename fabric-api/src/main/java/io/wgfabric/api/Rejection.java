package io.wgfabric.api;

/**
 * Why a command was refused: a value, never an exception. Nothing was changed but the audit chain.
 *
 * @param reason which rule refused it
 * @param message one line for an operator: what is wrong and what to do
 */
public record Rejection(Reason reason, String message) {

    /** The rules that refuse. Their {@link #slug} is stable: clients decide by it. */
    public enum Reason {
        NOT_BOOTSTRAPPED("not-bootstrapped", Category.UNAVAILABLE),
        ALREADY_BOOTSTRAPPED("already-bootstrapped", Category.CONFLICT),
        REQUEST_ID_REUSED("request-id-reused", Category.CONFLICT),
        INVALID("invalid", Category.INVALID),
        TOKEN_UNKNOWN("token-unknown", Category.DENIED),
        TOKEN_EXPIRED("token-expired", Category.DENIED),
        TOKEN_NOT_YET_VALID("token-not-yet-valid", Category.DENIED),
        TOKEN_REVOKED("token-revoked", Category.DENIED),
        TOKEN_USED_UP("token-used-up", Category.DENIED),
        TOKEN_WRONG_ROLE("token-wrong-role", Category.DENIED),
        TOKEN_WRONG_CLUSTER("token-wrong-cluster", Category.DENIED),
        TOKEN_MALFORMED("token-malformed", Category.DENIED),
        TOKEN_EXISTS("token-exists", Category.CONFLICT),
        NAME_TAKEN("name-taken", Category.CONFLICT),
        KEY_TAKEN("key-taken", Category.CONFLICT),
        ADDRESS_TAKEN("address-taken", Category.CONFLICT),
        POOL_EXHAUSTED("pool-exhausted", Category.EXHAUSTED),
        LIMIT_REACHED("limit-reached", Category.EXHAUSTED),
        NODE_UNKNOWN("node-unknown", Category.NOT_FOUND),
        NODE_EXISTS("node-exists", Category.CONFLICT),
        NODE_WRONG_STATE("node-wrong-state", Category.CONFLICT),
        LAST_MANAGER("last-manager", Category.CONFLICT),
        ROTATION_WRONG_PHASE("rotation-wrong-phase", Category.CONFLICT),
        /** A manager's software is too old for it: upgrade that manager. */
        LEVEL_TOO_LOW("level-too-low", Category.CONFLICT),
        /** The sealing key or the managers have changed since: ask again. */
        SEALING_OUTDATED("sealing-outdated", Category.CONFLICT),
        /** The address is neither reserved nor at rest. */
        ADDRESS_UNKNOWN("address-unknown", Category.NOT_FOUND),
        OPERATOR_UNKNOWN("operator-unknown", Category.NOT_FOUND),
        /** The id or the name is another operator's. */
        OPERATOR_EXISTS("operator-exists", Category.CONFLICT),
        LAST_ADMIN("last-admin", Category.CONFLICT),
        NOT_ALLOWED("not-allowed", Category.DENIED),
        TOO_MANY_REQUESTS("too-many-requests", Category.UNAVAILABLE);

        private final String slug;
        private final Category category;

        Reason(String slug, Category category) {
            this.slug = slug;
            this.category = category;
        }

        public String slug() {
            return slug;
        }

        public Category category() {
            return category;
        }
    }

    /** What a caller can do about a rejection. */
    public enum Category {
        /** The request itself is wrong: change it. */
        INVALID,
        /** The caller may not: get another credential. */
        DENIED,
        NOT_FOUND,
        /** It clashes with what is there: look, then decide. */
        CONFLICT,
        /** A pool or a limit is used up: an operator must make room. */
        EXHAUSTED,
        /** Not now: ask again later. */
        UNAVAILABLE
    }
}
