package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.RequestId;
import org.jspecify.annotations.Nullable;

/**
 * A manager refused, or none could be asked. The message is one line for an operator.
 *
 * <p>After a refusal a repeat is refused again. If no manager could be asked, or none knows the outcome, the same
 * request may be repeated under the same request id.
 */
public final class ControlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int TOO_MANY = 429;

    /** The status where no manager answered. */
    public static final int UNREACHABLE = 0;

    private final int status;
    private final String slug;
    private final transient Edition asOf;

    /** What was refused, as the managers record it; null where that is not known. */
    private final transient @Nullable RequestId request;

    public ControlException(int status, String slug, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
        this.slug = slug;
        this.asOf = Edition.NONE;
        this.request = null;
    }

    private ControlException(ControlException of, RequestId request) {
        super(of.getMessage(), of.getCause() == null ? of : of.getCause());
        this.status = of.status;
        this.slug = of.slug;
        this.asOf = of.asOf;
        this.request = request;
    }

    public ControlException(int status, String slug, String message) {
        this(status, slug, message, Edition.NONE);
    }

    ControlException(int status, String slug, String message, Edition asOf) {
        super(message);
        this.status = status;
        this.slug = slug;
        this.asOf = asOf;
        this.request = null;
    }

    /** The same, with the request as the managers record it. */
    ControlException of(RequestId refused) {
        return new ControlException(this, refused);
    }

    public @Nullable RequestId request() {
        return request;
    }

    /** The state that the manager decided from; {@link Edition#NONE} where it does not say. */
    public Edition asOf() {
        return asOf;
    }

    /** The HTTP status, or {@link #UNREACHABLE}. */
    public int status() {
        return status;
    }

    /** The stable name of the problem, such as {@code token-expired}. */
    public String slug() {
        return slug;
    }

    /** The slug where a connection was made but no answer came: what was asked for may have been done. */
    static final String UNANSWERED = "unanswered";

    /** Whether it is known that nothing was done: a manager refused, or none could even be asked. */
    public boolean isWithoutEffect() {
        return isRefusal() || status == TOO_MANY || (status == UNREACHABLE && !slug.equals(UNANSWERED));
    }

    /** Whether a manager decided against it, so that asking again is no use; too many requests (429) is for now only. */
    public boolean isRefusal() {
        return status >= 400 && status < 500 && status != TOO_MANY;
    }
}
