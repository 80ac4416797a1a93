package dev.holdfast.server.cluster;

import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Prefix;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a takeover does with keys and advertisement, in memory and for nobody: of a cluster that has one node, and keys that
 * no other has.
 */
public final class RehearsedTerm {
    private static final String NODE = "rehearsal";

    private final Backend storage = new Memory();
    private final Barrier barrier;

    /** A new cluster. */
    public RehearsedTerm() {
        byte[] root = new byte[32];
        new SecureRandom().nextBytes(root);
        barrier = Barrier.create(root, storage);
    }

    /** Takes over, advertises, and returns what a standby would read then. */
    public Advertisement lead(TermCertificate certificate, String clusterAddr) {
        Backend ahead = ReadAhead.of(storage, ClusterNode.NEEDED);
        barrier.reload(ahead);
        Backend encrypted = barrier.over(ahead);
        ClusterVersion version = ClusterVersion.read(encrypted).orElse(ClusterVersion.of(Release.of(NODE)));
        encrypted.put(version.entry());
        Advertisement own = new Advertisement(
                NODE,
                1,
                "",
                clusterAddr,
                certificate.certificateText(),
                certificate.keyText(),
                NODE,
                NODE,
                Instant.now().toString());
        encrypted.put(own.entry());
        return barrier.over(storage)
                .get(Advertisement.key(NODE))
                .map(Advertisement::parse)
                .orElseThrow();
    }

    /** As little of a store as a takeover needs. */
    private static final class Memory implements Backend {
        private final Map<Key, Entry> entries = new ConcurrentHashMap<>();

        @Override
        public Optional<Entry> get(Key key) {
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public void put(Entry entry) {
            entries.put(entry.key(), entry);
        }

        @Override
        public void delete(Key key) {
            entries.remove(key);
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            return List.of();
        }

        @Override
        public Limits limits() {
            return new Limits(1_024, 1 << 20, 1, 2 << 20);
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of();
        }

        @Override
        public void close() {}
    }
}
