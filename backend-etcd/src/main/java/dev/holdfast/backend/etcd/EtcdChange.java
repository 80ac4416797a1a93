package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.holdfast.spi.Mutation;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Mutations and what they mean for the directories around them, as one transaction.
 *
 * <p>What always holds: a directory has a marker if and only if it has a child, and the marker holds the name of one of
 * its children. So a put is done when its directory has a marker, and otherwise makes those of all directories above;
 * a delete is done when the marker names another child. Both need nothing but a look at one key, in the transaction
 * itself. Only the delete of the very child that is named fails at first, and brings back what it needs to name another
 * child, or to remove what became empty, on the condition that nothing came in between.
 */
final class EtcdChange {
    /** With this many mutations no transaction exceeds etcd's 128 operations and compares, nested ones included. */
    static final int MOST_MUTATIONS = 32;

    /** With this many puts {@link #intoPresent} stays below it as well, however many directories they go to. */
    static final int MOST_PUTS = 96;

    /** The most directories above the keys of one change, for the same reason; one key has 511 at most. */
    static final int MOST_DIRECTORIES = 900;

    /** Etcd counts the largest list at each level of nesting, and the sum of them must stay below 128. */
    private static final int OUTER = 60;

    private static final int INNER = 30;

    /** How far ahead a new child to name is looked for, so that deleting in order does not hit it each time. */
    private static final int AHEAD = 32;

    private final EtcdKeys keys;
    private final List<Mutation> mutations;

    /** The directories that something is put below, and for each of them a child that it has then. */
    private final Map<String, String> gaining = new LinkedHashMap<>();

    /** The directories that something is put right into. */
    private final Set<String> homes = new LinkedHashSet<>();

    /** The directories that a key is deleted from, and the names of those keys. */
    private final Map<String, Set<String>> losing = new LinkedHashMap<>();

    /** The directories that may become empty, those further down first, and which of their children may go. */
    private final Map<String, Set<String>> atRisk =
            new TreeMap<>(Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private Set<String> emptied = Set.of();

    EtcdChange(EtcdKeys keys, List<Mutation> mutations) {
        this.keys = keys;
        this.mutations = mutations;
        for (Mutation mutation : mutations) {
            String directory = mutation.key().parent().path();
            if (mutation instanceof Mutation.Put && !directory.isEmpty()) {
                homes.add(directory);
                above(mutation, gaining::putIfAbsent);
            } else if (!directory.isEmpty()) {
                losing.computeIfAbsent(directory, d -> new LinkedHashSet<>())
                        .add(mutation.key().name());
            }
        }
        for (Mutation mutation : mutations) {
            if (mutation instanceof Mutation.Delete) {
                above(mutation, (directory, child) -> {
                    if (!gaining.containsKey(directory)) {
                        atRisk.computeIfAbsent(directory, d -> new LinkedHashSet<>())
                                .add(child);
                    }
                });
            }
        }
    }

    /**
     * Puts alone, on the condition that these directories are there, which are those right above their keys. Each has a
     * marker then that names a child, and so has every one above it: there is nothing else to do. Costs etcd far less
     * than {@link #optimistic}; when it fails, nothing is read.
     */
    static TxnRequest intoPresent(EtcdKeys keys, Set<String> directories, List<Mutation> puts) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        directories.forEach(directory -> txn.addCompare(EtcdTxn.exists(keys.marker(directory))));
        puts.forEach(put -> txn.addSuccess(operation(keys, put)));
        return txn.build();
    }

    /** The directories that are there when the change is done, as something is put right into them. */
    Set<String> homes() {
        return homes;
    }

    /** The directories that the last transaction removes. */
    Set<String> emptied() {
        return emptied;
    }

    /** How many directories the transaction has to name. */
    int directories() {
        return Math.max(gaining.size(), atRisk.size());
    }

    /** The transaction to try first; when it fails, its answer is for {@link #informed}. */
    TxnRequest optimistic() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        losing.forEach((directory, names) -> {
            if (!gaining.containsKey(directory)) {
                txn.addAllCompare(namesNone(directory, names));
            }
        });
        List<RequestOp> operations = new ArrayList<>();
        mutations.forEach(mutation -> operations.add(operation(keys, mutation)));
        return finish(txn, operations, losing);
    }

    /**
     * The transaction to try after one has failed.
     *
     * @param answer what the failed one has read
     * @return empty when there is nothing left to do: all that was to be deleted was absent
     */
    Optional<TxnRequest> informed(TxnResponse answer) {
        Map<String, List<String>> children = children(answer);
        if (gaining.isEmpty() && mutations.stream().allMatch(mutation -> isAbsent(mutation, children))) {
            return Optional.empty();
        }
        Plan plan = new Plan();
        atRisk.keySet().forEach(directory -> plan.decide(directory, children.getOrDefault(directory, List.of())));
        return Optional.of(plan.finish(answer.getHeader().getRevision()));
    }

    /** What to do, decided directory by directory from the deepest up; each decision is a condition of the whole. */
    private final class Plan {
        private final TxnRequest.Builder txn = TxnRequest.newBuilder();
        private final List<RequestOp> operations = new ArrayList<>();
        private final Map<String, Set<String>> lost = new HashMap<>();

        Plan() {
            emptied = new LinkedHashSet<>();
            losing.forEach((directory, names) -> lost.put(directory, new LinkedHashSet<>(names)));
        }

        /** @param before the first children that the directory had, at least one more than it can lose */
        void decide(String directory, List<String> before) {
            Set<String> taken = lost.getOrDefault(directory, Set.of());
            if (taken.isEmpty()) {
                return;
            }
            if (before.isEmpty()) {
                txn.addCompare(EtcdTxn.absent(keys.marker(directory)));
                return;
            }
            Optional<String> survivor =
                    before.stream().filter(name -> !taken.contains(name)).reduce((first, last) -> last);
            survivor.ifPresentOrElse(
                    child -> {
                        txn.addCompare(EtcdTxn.exists(keys.child(directory, child)));
                        operations.add(EtcdTxn.put(keys.marker(directory), ByteString.copyFromUtf8(child)));
                    },
                    () -> {
                        emptied.add(directory);
                        String parent = EtcdKeys.parent(directory);
                        lost.computeIfAbsent(parent, d -> new LinkedHashSet<>())
                                .add(EtcdKeys.nameIn(parent, directory));
                    });
        }

        /** @param revision at which the children were read */
        TxnRequest finish(long revision) {
            for (String directory : emptied) {
                // One range holds whatever is below the topmost of them, so the others need no mention.
                if (!emptied.contains(EtcdKeys.parent(directory))) {
                    txn.addCompare(EtcdTxn.nothingNewer(keys.subtree(directory), revision));
                    operations.add(EtcdTxn.delete(keys.subtree(directory)));
                    operations.add(EtcdTxn.delete(keys.marker(directory)));
                }
            }
            mutations.stream()
                    .filter(mutation ->
                            !emptied.contains(mutation.key().parent().path()))
                    .forEach(mutation -> operations.add(operation(keys, mutation)));
            return EtcdChange.this.finish(txn, operations, lost);
        }
    }

    private boolean isAbsent(Mutation mutation, Map<String, List<String>> children) {
        String directory = mutation.key().parent().path();
        return mutation instanceof Mutation.Delete
                && !directory.isEmpty()
                && children.getOrDefault(directory, List.of()).isEmpty();
    }

    private static RequestOp operation(EtcdKeys keys, Mutation mutation) {
        ByteString key = keys.value(mutation.key());
        return mutation instanceof Mutation.Put put
                ? EtcdTxn.put(key, UnsafeByteOperations.unsafeWrap(put.entry().value()))
                : EtcdTxn.delete(key);
    }

    private TxnRequest finish(TxnRequest.Builder txn, List<RequestOp> operations, Map<String, Set<String>> lost) {
        txn.addAllSuccess(grouped(operations, OUTER));
        if (!gaining.isEmpty()) {
            txn.addSuccess(EtcdTxn.nested(markers(lost)));
        }
        List<RequestOp> looks = new ArrayList<>();
        atRisk.forEach((directory, mayGo) -> {
            int ahead = losing.containsKey(directory) ? AHEAD : 1;
            looks.add(EtcdTxn.read(EtcdTxn.names(keys.children(directory, ""), mayGo.size() + ahead)));
        });
        return txn.addAllFailure(grouped(looks, OUTER)).build();
    }

    /** Makes the markers of all directories above the puts, unless those right above them are there and stay right. */
    private TxnRequest.Builder markers(Map<String, Set<String>> lost) {
        Set<String> looked = new LinkedHashSet<>(homes);
        gaining.keySet().stream().filter(lost::containsKey).forEach(looked::add);
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (String directory : looked) {
            Set<String> names = lost.getOrDefault(directory, Set.of());
            if (names.isEmpty()) {
                txn.addCompare(EtcdTxn.exists(keys.marker(directory)));
            } else {
                txn.addAllCompare(namesNone(directory, names));
            }
        }
        List<RequestOp> operations = new ArrayList<>();
        gaining.forEach((directory, child) ->
                operations.add(EtcdTxn.put(keys.marker(directory), ByteString.copyFromUtf8(child))));
        return txn.addAllFailure(grouped(operations, INNER));
    }

    /** Holds when the directory has a marker, and the child that it names is none of these. */
    private List<Compare> namesNone(String directory, Set<String> names) {
        ByteString marker = keys.marker(directory);
        return names.stream()
                .map(name -> EtcdTxn.value(marker, Compare.CompareResult.NOT_EQUAL, ByteString.copyFromUtf8(name)))
                .toList();
    }

    /** The names that a failed transaction found in the directories at risk. */
    private Map<String, List<String>> children(TxnResponse answer) {
        List<RangeResponse> reads = EtcdTxn.reads(answer);
        Map<String, List<String>> children = new HashMap<>();
        int next = 0;
        for (String directory : atRisk.keySet()) {
            int start = keys.child(directory, "").size();
            children.put(
                    directory,
                    reads.get(next++).getKvsList().stream()
                            .map(found -> found.getKey().substring(start).toStringUtf8())
                            .toList());
        }
        return children;
    }

    private static List<RequestOp> grouped(List<RequestOp> operations, int most) {
        if (operations.size() <= most) {
            return operations;
        }
        List<RequestOp> groups = new ArrayList<>();
        for (int from = 0; from < operations.size(); from += most) {
            List<RequestOp> group = operations.subList(from, Math.min(from + most, operations.size()));
            groups.add(EtcdTxn.nested(TxnRequest.newBuilder().addAllSuccess(group)));
        }
        return groups;
    }

    private interface Level {
        void at(String directory, String child);
    }

    /** Visits every directory above a key, with the name of the child that leads down to it. */
    private static void above(Mutation mutation, Level level) {
        String path = mutation.key().path();
        for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            String directory = path.substring(0, slash + 1);
            level.at(directory, EtcdKeys.nameIn(directory, path));
        }
    }
}
