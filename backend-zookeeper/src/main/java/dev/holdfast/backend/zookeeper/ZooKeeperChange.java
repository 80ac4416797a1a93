package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;

/**
 * Mutations and what they mean for the directories around them, as one {@code multi}.
 *
 * <p>What always holds: a directory is there if and only if it has a child. So a put makes the directories that are
 * missing, and a delete removes those that become empty. ZooKeeper cannot be asked "delete, unless it is not empty", so
 * a delete either removes the directory, which fails when it has another child, or names another child and checks that
 * this is there. Each directory holds the name of one of its children as a hint for that; when the hint is wrong, the
 * children are listed. Whatever was seen beforehand is checked again by the {@code multi}, which is tried anew when
 * something came in between.
 */
final class ZooKeeperChange {
    private static final byte[] NOTHING = {};

    private final ZooKeeperKeys keys;
    private final List<ACL> acl;
    private final List<Mutation> mutations;

    /** The directories above the puts, from the top, and for each of them a child that it has then. */
    private final Map<String, String> gaining = new LinkedHashMap<>();

    /** The directories above the deletes that nothing is put below, those further down first. */
    private final Set<String> atRisk = new LinkedHashSet<>();

    /** The directories whose hint was found wrong. */
    private final Set<String> unhinted = new LinkedHashSet<>();

    ZooKeeperChange(ZooKeeperKeys keys, List<ACL> acl, List<Mutation> mutations) {
        this.keys = keys;
        this.acl = acl;
        this.mutations = mutations;
        Set<String> losing = new LinkedHashSet<>();
        for (Mutation mutation : mutations) {
            String key = mutation.key().path();
            for (String directory : ZooKeeperKeys.directories(mutation.key())) {
                if (mutation instanceof Mutation.Put) {
                    gaining.putIfAbsent(directory, ZooKeeperKeys.nameIn(directory, key));
                } else {
                    losing.add(directory);
                }
            }
        }
        losing.removeAll(gaining.keySet());
        losing.stream().sorted(Comparator.comparing(String::length).reversed()).forEach(atRisk::add);
    }

    /** A directory as it was seen. */
    record Seen(String hint, int children, Optional<List<String>> names) {}

    /** Everything that was looked at; a directory that is not in it was not there. */
    record View(Set<Key> present, Map<String, Seen> directories) {}

    List<Mutation> mutations() {
        return mutations;
    }

    /** The directories that a plan depends on: by their existence, and those at risk by their content as well. */
    Set<String> directories() {
        Set<String> all = new LinkedHashSet<>(gaining.keySet());
        all.addAll(atRisk);
        return all;
    }

    /** Whether a look has to list the children of a directory. */
    boolean mustList(String directory) {
        return unhinted.contains(directory);
    }

    /**
     * The one operation of a put that needs no directory: as a change and as a creation, what is more likely first.
     *
     * @param isNew whether a node is probably not there yet
     */
    List<List<Op>> simple(Predicate<String> isNew) {
        if (mutations.size() == 1 && mutations.get(0) instanceof Mutation.Put put) {
            String node = keys.value(put.key());
            byte[] value = put.entry().value();
            List<Op> change = List.of(Op.setData(node, value, -1));
            List<Op> creation = List.of(Op.create(node, value, acl, CreateMode.PERSISTENT));
            return isNew.test(node) ? List.of(creation, change) : List.of(change, creation);
        }
        return List.of();
    }

    /** Whether a look can show that nothing is to be done. */
    boolean mayBeVoid() {
        return mutations.size() == 1 && mutations.get(0) instanceof Mutation.Delete;
    }

    /** Whether nothing is to be done: what is to be deleted was absent in the one moment of the look. */
    boolean isVoid(View view) {
        return mayBeVoid() && !view.present().contains(mutations.get(0).key());
    }

    /**
     * What to do, given what was seen.
     *
     * @return empty when the children of more directories must be seen first; {@link #mustList} knows which
     */
    Optional<List<Op>> plan(View view) {
        return new Plan(view).make();
    }

    /** One of the operations failed. When it was the check of a hint, the next look lists the children instead. */
    void failed(Op operation) {
        atRisk.stream()
                .filter(directory -> operation.getPath().startsWith(keys.directory(directory) + "/"))
                .findFirst()
                .ifPresent(unhinted::add);
    }

    private final class Plan {
        private final View view;
        private final List<Op> operations = new ArrayList<>();
        private final Map<String, Set<String>> lost = new HashMap<>();
        private boolean complete = true;

        Plan(View view) {
            this.view = view;
        }

        Optional<List<Op>> make() {
            gaining.forEach((directory, child) -> {
                if (!view.directories().containsKey(directory)) {
                    operations.add(create(keys.directory(directory), ZooKeeperKeys.node(child)));
                }
            });
            mutations.forEach(this::add);
            atRisk.forEach(this::settle);
            return complete ? Optional.of(operations) : Optional.empty();
        }

        private void add(Mutation mutation) {
            String node = keys.value(mutation.key());
            boolean present = view.present().contains(mutation.key());
            if (mutation instanceof Mutation.Put put) {
                byte[] value = put.entry().value();
                operations.add(
                        present ? Op.setData(node, value, -1) : Op.create(node, value, acl, CreateMode.PERSISTENT));
            } else if (present) {
                operations.add(Op.delete(node, -1));
                lose(mutation.key().parent().path(), mutation.key().name());
            } else {
                String missing = topmostMissing(mutation.key()).orElse(node);
                // Fails when it is there by now: the one way to ask for that.
                operations.add(create(missing, ""));
                operations.add(Op.delete(missing, -1));
            }
        }

        private Optional<String> topmostMissing(Key key) {
            return ZooKeeperKeys.directories(key).stream()
                    .filter(directory -> !view.directories().containsKey(directory) && !gaining.containsKey(directory))
                    .map(keys::directory)
                    .findFirst();
        }

        private void lose(String directory, String child) {
            lost.computeIfAbsent(directory, d -> new LinkedHashSet<>()).add(ZooKeeperKeys.node(child));
        }

        /** Keeps a directory that still has a child, and removes one that has none. */
        private void settle(String directory) {
            Set<String> taken = lost.getOrDefault(directory, Set.of());
            Seen seen = view.directories().get(directory);
            if (taken.isEmpty()) {
                return;
            }
            if (seen == null) {
                complete = false; // it went while we looked, and may have come back since
                return;
            }
            String node = keys.directory(directory);
            if (seen.children() <= taken.size()) {
                operations.add(Op.delete(node, -1));
                String parent = ZooKeeperKeys.parent(directory);
                lose(parent, ZooKeeperKeys.nameIn(parent, directory));
            } else if (seen.names().isPresent()) {
                List<String> left = seen.names().get().stream()
                        .filter(name -> !taken.contains(name))
                        .toList();
                if (left.isEmpty()) {
                    complete = false; // it was being emptied while we looked
                    return;
                }
                // At random, so that deleting in order does not hit the hint each time.
                String child = left.get(ThreadLocalRandom.current().nextInt(left.size()));
                operations.add(Op.check(node + "/" + child, -1));
                operations.add(Op.setData(node, child.getBytes(StandardCharsets.UTF_8), -1));
            } else if (seen.hint().isEmpty() || taken.contains(seen.hint())) {
                unhinted.add(directory);
                complete = false;
            } else {
                operations.add(Op.check(node + "/" + seen.hint(), -1));
            }
        }
    }

    private Op create(String node, String hint) {
        return Op.create(
                node, hint.isEmpty() ? NOTHING : hint.getBytes(StandardCharsets.UTF_8), acl, CreateMode.PERSISTENT);
    }
}
