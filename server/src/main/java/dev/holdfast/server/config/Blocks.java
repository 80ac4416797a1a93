package dev.holdfast.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The blocks with a label, such as {@code storage "etcd"}, and the rest of a file.
 *
 * @param byName of each kind that was asked for, all blocks in order
 * @param rest everything else
 */
record Blocks(Map<String, List<Block>> byName, List<Syntax.Entry> rest) {
    /**
     * One block.
     *
     * @param label such as {@code etcd}
     */
    record Block(Place place, String name, String label, Syntax value) {}

    static Blocks of(List<Syntax.Entry> entries, List<String> names) {
        Map<String, List<Block>> byName = new LinkedHashMap<>();
        List<Syntax.Entry> rest = new ArrayList<>();
        names.forEach(name -> byName.put(name, new ArrayList<>()));
        for (Syntax.Entry entry : entries) {
            List<Block> found = byName.get(entry.key());
            if (found == null) {
                rest.add(entry);
            } else {
                collect(entry.key(), entry.value(), found);
            }
        }
        return new Blocks(byName, rest);
    }

    /** In JSON a block may be an object or a list of objects, at both levels. */
    private static void collect(String name, Syntax value, List<Block> found) {
        if (value instanceof Syntax.Sequence sequence) {
            sequence.items().forEach(item -> collect(name, item, found));
        } else if (value instanceof Syntax.Body body && !body.entries().isEmpty()) {
            for (Syntax.Entry labelled : body.entries()) {
                if (labelled.value() instanceof Syntax.Sequence several) {
                    several.items().forEach(item -> found.add(new Block(item.place(), name, labelled.key(), item)));
                } else {
                    found.add(new Block(labelled.place(), name, labelled.key(), labelled.value()));
                }
            }
        } else {
            found.add(new Block(value.place(), name, "", value));
        }
    }

    /** All of one kind, under each of its names. */
    List<Block> all(String... names) {
        List<Block> all = new ArrayList<>();
        for (String name : names) {
            all.addAll(byName.getOrDefault(name, List.of()));
        }
        return all;
    }
}
