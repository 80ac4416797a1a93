package dev.holdfast.zoo;

import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Backends that list wrongly. */
final class ListingMutants {
    private ListingMutants() {}

    @MadeFor(
            value = Rule.LS_01,
            fault = "A listing of `foo/` takes everything that begins with `foo`.",
            cause = "prefix without its boundary",
            seen = "list of 'foo/'|list of 'fo/'|list of 'f/'")
    static final class PrefixWithoutBoundary extends Healthy {
        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            Set<String> names = new TreeSet<>(Prefix.NAME_ORDER);
            names.addAll(super.list(prefix, after, limit));
            if (!prefix.path().isEmpty()) {
                Key without = Key.of(prefix.path().substring(0, prefix.path().length() - 1));
                for (String name : super.list(without.parent(), "", Integer.MAX_VALUE)) {
                    if (name.startsWith(without.name())
                            && name.length() > without.name().length() + 1) {
                        names.add(name.substring(without.name().length() + 1));
                    }
                }
            }
            return names.stream().limit(limit).toList();
        }
    }

    @MadeFor(
            value = Rule.LS_02,
            fault = "A subtree is listed for ever once something was put into it.",
            cause = "ghost directories",
            seen = "after the last key|after its delete")
    static final class GhostDirectories extends Healthy {
        private final Set<Prefix> made = ConcurrentHashMap.newKeySet();

        @Override
        public void put(Entry entry) {
            super.put(entry);
            for (Prefix above = entry.key().parent(); !above.equals(Prefix.ROOT); above = parent(above)) {
                made.add(above);
            }
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            Set<String> names = new TreeSet<>(Prefix.NAME_ORDER);
            names.addAll(super.list(prefix, after, limit));
            made.stream()
                    .filter(each -> parent(each).equals(prefix))
                    .map(each -> each.path().substring(prefix.path().length()))
                    .filter(name -> Prefix.NAME_ORDER.compare(name, after) > 0)
                    .forEach(names::add);
            return names.stream().limit(limit).toList();
        }

        private static Prefix parent(Prefix prefix) {
            return Key.of(prefix.path().substring(0, prefix.path().length() - 1))
                    .parent();
        }
    }

    @MadeFor(
            value = Rule.LS_02,
            fault = "After a delete that emptied its level, the level is removed with whatever is in it by then.",
            cause = "parent clean-up drops a sibling's put",
            seen = "the new value|its level|list of 't/")
    static final class CleanUpDropsAPut extends Healthy {
        @Override
        public void delete(Key key) {
            super.delete(key);
            if (super.list(key.parent()).isEmpty()) {
                roundTrip();
                super.list(key.parent())
                        .forEach(name -> super.delete(key.parent().key(name)));
            }
        }
    }

    @MadeFor(
            value = Rule.LS_03,
            fault = "Only the store's first page of 1,000 names is read.",
            cause = "first page only",
            seen = "in one call")
    static final class FirstPageOnly extends Healthy {
        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            return super.list(prefix, after, Math.min(limit, 1_000));
        }
    }

    @MadeFor(
            value = Rule.LS_04,
            fault = "A page that begins after the key `name` leaves out the subtree `name/`.",
            cause = "`after` = `name` skips `name/`",
            seen = "list of 'p/' after|root after")
    static final class PageSkipsASubtree extends Healthy {
        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            int more = limit == Integer.MAX_VALUE ? limit : limit + 1;
            return super.list(prefix, after, more).stream()
                    .filter(name -> !name.equals(after + "/"))
                    .limit(limit)
                    .toList();
        }
    }

    @MadeFor(
            value = Rule.LS_05,
            fault = "A listing reads everything below the prefix, a hundred names at a time.",
            cause = "the whole prefix is fetched and folded in the client",
            seen = "requests of 10 listings")
    static final class WholePrefixFetched extends Healthy {
        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            List<String> children = super.list(prefix, after, limit);
            children.stream().filter(name -> name.endsWith("/")).forEach(name -> fetch(Prefix.of(prefix + name)));
            return children;
        }

        private void fetch(Prefix prefix) {
            List<String> page = super.list(prefix, "", 100);
            while (!page.isEmpty()) {
                page.stream().filter(name -> name.endsWith("/")).forEach(name -> fetch(Prefix.of(prefix + name)));
                page = super.list(prefix, page.get(page.size() - 1), 100);
            }
        }
    }
}
