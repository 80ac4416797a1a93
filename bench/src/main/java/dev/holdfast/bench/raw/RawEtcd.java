package dev.holdfast.bench.raw;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** jetcd. */
public final class RawEtcd implements RawStore {
    static final ByteSequence VALUE = bytes("x");
    private static final long PAGE = 10_000;

    private final Client client;
    private final KV kv;

    public RawEtcd(String endpoints) {
        client = client(endpoints);
        kv = client.getKVClient();
    }

    private static Client client(String endpoints) {
        return Client.builder()
                .endpoints(endpoints.split(","))
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return "jetcd";
    }

    @Override
    public byte[] get(String key) throws Exception {
        return kv.get(bytes(key)).get().getKvs().get(0).getValue().getBytes();
    }

    @Override
    public void put(String key, byte[] value) throws Exception {
        var unused = kv.put(bytes(key), ByteSequence.from(value)).get();
    }

    @Override
    public boolean putBelow(String there, String key, byte[] value) throws Exception {
        var done = kv.txn()
                .If(new Cmp(bytes(there), Cmp.Op.GREATER, CmpTarget.createRevision(0)))
                .Then(Op.put(bytes(key), ByteSequence.from(value), PutOption.DEFAULT))
                .commit()
                .get();
        if (!done.isSucceeded()) {
            throw new IllegalStateException(there + " is not there");
        }
        return true;
    }

    @Override
    public void create(String key, byte[] value) throws Exception {
        put(key, value);
    }

    @Override
    public List<String> scan(String directory) throws Exception {
        int start = directory.length();
        List<String> names = new ArrayList<>();
        range(directory, key -> names.add(key.substring(start)));
        return names;
    }

    /** The immediate children, found as Vault's backend for etcd finds them: all keys below, at any depth, are fetched. */
    public Set<String> fold(String directory) throws Exception {
        int start = directory.length();
        Set<String> names = new TreeSet<>();
        GetOption all = GetOption.builder().isPrefix(true).withKeysOnly(true).build();
        kv.get(bytes(directory), all).get().getKvs().forEach(found -> {
            String rest = found.getKey().toString(StandardCharsets.UTF_8).substring(start);
            int slash = rest.indexOf('/');
            names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
        });
        return names;
    }

    private void range(String directory, Consumer<String> each) throws Exception {
        ByteSequence end = bytes(directory.substring(0, directory.length() - 1) + (char) ('/' + 1));
        ByteSequence from = bytes(directory);
        boolean more = true;
        while (more) {
            var page = kv.get(
                            from,
                            GetOption.builder()
                                    .withRange(end)
                                    .withLimit(PAGE)
                                    .withKeysOnly(true)
                                    .build())
                    .get();
            String last = "";
            for (var found : page.getKvs()) {
                last = found.getKey().toString(StandardCharsets.UTF_8);
                each.accept(last);
            }
            from = bytes(last + "\0");
            more = page.isMore();
        }
    }

    /** Forgets all that is not the present, and returns when its space can be used again. */
    public void compact() throws Exception {
        // A put, so that it is never the revision of the last time, which cannot be compacted twice.
        long now = kv.put(bytes("now"), VALUE).get().getHeader().getRevision();
        var unused = kv.compact(
                        now, CompactOption.builder().withCompactPhysical(true).build())
                .get();
    }

    @Override
    public void twoCommits(String key) throws Exception {
        ByteSequence name = bytes(key);
        var unused = kv.put(name, VALUE).get();
        var unusedToo = kv.delete(name).get();
    }

    @Override
    public Optional<Peer> queue(String key) throws Exception {
        return Optional.of(new RawEtcdLocks(client).queue(key));
    }

    @Override
    public Optional<Peer> guardedQueue(String key) throws Exception {
        return Optional.of(new RawEtcdLocks(client).guardedQueue(key));
    }

    /** As {@link RawEtcdLocks#lock}. */
    public Peer lock(String lock, Duration ttl, boolean kept) throws Exception {
        return new RawEtcdLocks(client).lock(lock, ttl, kept);
    }

    /** As {@link RawEtcdLocks#election}; closing it closes this client. */
    public Election election(Duration ttl) {
        return new RawEtcdLocks(client).election(ttl);
    }

    /** With a client of its own for the event; as {@link RawEtcdWatch}. */
    public static RawWatch watch(String endpoints, String key, int behind) throws Exception {
        return new RawEtcdWatch(client(endpoints), client(endpoints), key, behind);
    }

    /** Tells when keys below a prefix are deleted, by whomever; for as long as the client is open. */
    public void onDelete(String prefix, Consumer<String> told) throws Exception {
        CompletableFuture<Void> created = new CompletableFuture<>();
        var unused = client.getWatchClient()
                .watch(
                        bytes(prefix),
                        WatchOption.builder()
                                .isPrefix(true)
                                .withCreateNotify(true)
                                .withNoPut(true)
                                .build(),
                        Watch.listener(response -> {
                            created.complete(null);
                            response.getEvents()
                                    .forEach(event -> told.accept(
                                            event.getKeyValue().getKey().toString(StandardCharsets.UTF_8)));
                        }));
        created.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        client.close();
    }
}
