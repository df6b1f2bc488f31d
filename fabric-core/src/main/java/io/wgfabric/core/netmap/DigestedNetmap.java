package io.wgfabric.core.netmap;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap.Member;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A netmap with a digest of what it says, its revision left out: SHA-256 over the hash of the header and those of the
 * members, in their order. The hashes are kept, so that after a change only what changed is encoded and hashed again.
 * Immutable.
 */
public final class DigestedNetmap {
    private final Netmap netmap;
    /** Of the members, in their order. */
    private final List<byte[]> hashes;

    private final Bytes digest;

    private DigestedNetmap(Netmap netmap, List<byte[]> hashes) {
        this.netmap = netmap;
        this.hashes = hashes;
        MessageDigest sha = sha256();
        sha.update(hash(netmap.header()));
        hashes.forEach(sha::update);
        digest = Bytes.of(sha.digest());
    }

    public static DigestedNetmap of(Netmap netmap) {
        return new DigestedNetmap(
                netmap, netmap.members().stream().map(DigestedNetmap::hash).toList());
    }

    public Netmap netmap() {
        return netmap;
    }

    public Bytes digest() {
        return digest;
    }

    /** The same of a later netmap. */
    public DigestedNetmap next(Netmap newer) {
        List<byte[]> next = new ArrayList<>(newer.members().size());
        int at = 0;
        for (Member member : newer.members()) {
            while (at < hashes.size() && netmap.members().get(at).id().compareTo(member.id()) < 0) {
                at++;
            }
            boolean same = at < hashes.size() && netmap.members().get(at).equals(member);
            next.add(same ? hashes.get(at) : hash(member));
        }
        return new DigestedNetmap(newer, next);
    }

    /** What a delta makes of it. Whether the delta may be applied, and gets where it should, is for the caller to look. */
    public DigestedNetmap apply(NetmapDelta delta) {
        Set<NodeId> removed = new HashSet<>(delta.removed());
        TreeMap<NodeId, Member> changed = new TreeMap<>();
        delta.changed().forEach(member -> changed.put(member.id(), member));
        List<Member> members = new ArrayList<>(hashes.size() + changed.size());
        List<byte[]> next = new ArrayList<>(hashes.size() + changed.size());
        for (int i = 0; i < hashes.size(); i++) {
            Member member = netmap.members().get(i);
            while (!changed.isEmpty() && changed.firstKey().compareTo(member.id()) <= 0) {
                add(changed.pollFirstEntry().getValue(), members, next);
            }
            boolean replaced =
                    !members.isEmpty() && members.get(members.size() - 1).id().equals(member.id());
            if (!replaced && !removed.contains(member.id())) {
                members.add(member);
                next.add(hashes.get(i));
            }
        }
        changed.values().forEach(member -> add(member, members, next));
        Netmap header = delta.header() == null ? netmap : delta.header();
        return new DigestedNetmap(header.with(delta.revision(), members), next);
    }

    private static void add(Member member, List<Member> members, List<byte[]> next) {
        members.add(member);
        next.add(hash(member));
    }

    private static byte[] hash(Object value) {
        return sha256().digest(Json.mapper().writeValueAsBytes(value));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
