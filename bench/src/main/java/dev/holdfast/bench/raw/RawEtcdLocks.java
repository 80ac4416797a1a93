package dev.holdfast.bench.raw;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Locks of jetcd's, and what a lock is made of, over somebody else's client. */
final class RawEtcdLocks {
    private final Client client;

    RawEtcdLocks(Client client) {
        this.client = client;
    }

    /** As {@link RawStore#queue}. */
    Peer queue(String key) throws Exception {
        long lease = grant(Duration.ofMinutes(30));
        ByteSequence queue = RawEtcd.bytes(key + "/");
        ByteSequence entry = RawEtcd.bytes(key + "/" + lease);
        PutOption attached = PutOption.builder().withLeaseId(lease).build();
        GetOption all = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withLimit(3)
                .build();
        return new Peer() {
            @Override
            public void acquire() throws Exception {
                var done = client.getKVClient()
                        .txn()
                        .Then(Op.put(entry, RawEtcd.VALUE, attached), Op.get(queue, all))
                        .commit()
                        .get();
                if (done.getGetResponses().get(0).getCount() != 1) {
                    throw new IllegalStateException(key + " is held by another one");
                }
            }

            @Override
            public void release() throws Exception {
                var unused = client.getKVClient().delete(entry).get();
            }
        };
    }

    /** As {@link RawStore#guardedQueue}: a gate that is open, an entry that is not there yet, and nobody else's removed. */
    Peer guardedQueue(String key) throws Exception {
        long lease = grant(Duration.ofMinutes(30));
        ByteSequence queue = RawEtcd.bytes(key + "/");
        ByteSequence gate = RawEtcd.bytes(key + "-gate");
        ByteSequence entry = RawEtcd.bytes(key + "/" + lease);
        PutOption attached = PutOption.builder().withLeaseId(lease).build();
        GetOption last = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withSortField(GetOption.SortTarget.CREATE)
                .withSortOrder(GetOption.SortOrder.DESCEND)
                .withLimit(3)
                .build();
        GetOption any = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withLimit(1)
                .build();
        return new Peer() {
            private long created;

            @Override
            public void acquire() throws Exception {
                var done = client.getKVClient()
                        .txn()
                        .If(
                                new Cmp(gate, Cmp.Op.EQUAL, CmpTarget.version(0)),
                                new Cmp(entry, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
                        .Then(Op.put(entry, RawEtcd.VALUE, attached), Op.get(queue, last))
                        .Else(Op.get(gate, GetOption.DEFAULT), Op.get(entry, GetOption.DEFAULT), Op.get(queue, any))
                        .commit()
                        .get();
                if (!done.isSucceeded() || done.getGetResponses().get(0).getCount() != 1) {
                    throw new IllegalStateException(key + " is held by another one");
                }
                created = done.getHeader().getRevision();
            }

            @Override
            public void release() throws Exception {
                var done = client.getKVClient()
                        .txn()
                        .If(new Cmp(entry, Cmp.Op.EQUAL, CmpTarget.createRevision(created)))
                        .Then(Op.delete(entry, DeleteOption.DEFAULT))
                        .Else(Op.get(entry, GetOption.DEFAULT))
                        .commit()
                        .get();
                if (!done.isSucceeded()) {
                    throw new IllegalStateException(key + " was taken by another one");
                }
            }
        };
    }

    /**
     * A contender of jetcd's lock.
     *
     * @param ttl so long that nobody has to renew it while it is measured
     * @param kept whether it keeps one lease for all its turns; otherwise it takes a new one for each, as jetcd's own
     *     examples do, so that whoever died in one turn is not in the way of the next
     */
    Peer lock(String lock, Duration ttl, boolean kept) throws Exception {
        long first = kept ? grant(ttl) : 0;
        return new Peer() {
            private long lease = first;
            private ByteSequence held = RawEtcd.VALUE;

            @Override
            public void acquire() throws Exception {
                lease = kept ? first : grant(ttl);
                held = client.getLockClient()
                        .lock(RawEtcd.bytes(lock), lease)
                        .get()
                        .getKey();
            }

            @Override
            public void release() throws Exception {
                if (kept) {
                    var unused = client.getLockClient().unlock(held).get();
                } else {
                    var unused = client.getLeaseClient().revoke(lease).get(); // and the entry with it
                }
            }
        };
    }

    private long grant(Duration ttl) throws Exception {
        return client.getLeaseClient().grant(ttl.toSeconds()).get().getID();
    }

    /** jetcd's lock, with a lease for each turn that is kept alive; closing it closes this client. */
    Election election(Duration ttl) {
        return new Election() {
            @Override
            public String name() {
                return "jetcd Lock, kept alive";
            }

            @Override
            public Peer candidate(String lock) {
                return new KeptAlive(lock, ttl);
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private final class KeptAlive implements Peer {
        private final ByteSequence name;
        private final Duration ttl;
        private final Deque<Kept> held = new ArrayDeque<>();

        private record Kept(long lease, CloseableClient alive) {}

        KeptAlive(String lock, Duration ttl) {
            name = RawEtcd.bytes(lock);
            this.ttl = ttl;
        }

        @Override
        public void acquire() throws Exception {
            long lease = grant(ttl);
            held.push(new Kept(lease, client.getLeaseClient().keepAlive(lease, Observers.observer(alive -> {}))));
            var unused = client.getLockClient().lock(name, lease).get();
        }

        @Override
        public void release() throws Exception {
            Kept last = held.pop();
            last.alive.close();
            var unused = client.getLeaseClient().revoke(last.lease).get(); // and the entry with it
        }
    }
}
