package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Asker.Answer;
import io.wgfabric.scale.chaos.Asker.Request;

/** A change that a client wants, and what its answer means for the histories. */
interface Intent {
    Request request();

    /** As the audit chain names it. */
    String auditName();

    /** What must be the same in every answer to this request; empty where an answer tells of now. */
    String essence(Answer answer);

    void answered(Ledger ledger, long invoked, long returned, Answer answer);

    /** Nobody will ask again: it may take effect later, or never. */
    void indeterminate(Ledger ledger, long invoked);
}
