package io.wgfabric.api;

import java.time.Instant;

/**
 * One entry of the audit chain: who did what, when, and with what outcome.
 *
 * @param number its place in the chain, from 1
 * @param revision the revision of the command
 * @param action the command's name
 * @param subject what it was about: a node, a token
 * @param outcome {@code accepted}, or the {@link Rejection.Reason#slug} of the refusal
 * @param detail one line for people; never a secret
 * @param hash SHA-256 over the hash before and this entry's fields
 */
public record AuditEntry(
        long number,
        Revision revision,
        Instant time,
        Actor actor,
        RequestId request,
        String action,
        String subject,
        String outcome,
        String detail,
        Bytes hash) {}
