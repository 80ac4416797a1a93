package dev.holdfast.zoo;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.tck.Rule;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Backends that keep entries wrongly. */
final class StorageMutants {
    private StorageMutants() {}

    @MadeFor(
            value = Rule.KV_01,
            fault = "Deleting an absent key is an error.",
            cause = "`delete` looks for the key first",
            seen = "InvalidRequest.*nothing to delete")
    static final class DeleteInsists extends Healthy {
        @Override
        public void delete(Key key) {
            if (get(key).isEmpty()) {
                throw new BackendException.InvalidRequest(
                        Operation.at("zoo", "store=" + place()).on("delete", key), "nothing to delete");
            }
            super.delete(key);
        }
    }

    @MadeFor(
            value = Rule.KV_02,
            fault = "Each client reads a key from the store once and then from memory.",
            cause = "a cache, or a lagging replica, answers reads",
            seen = "read by the other client")
    static final class CachedReads extends Healthy {
        private final Map<Key, Optional<Entry>> cache = new ConcurrentHashMap<>();

        @Override
        public Optional<Entry> get(Key key) {
            return cache.computeIfAbsent(key, super::get);
        }

        @Override
        public void put(Entry entry) {
            super.put(entry);
            cache.remove(entry.key());
        }

        @Override
        public void delete(Key key) {
            super.delete(key);
            cache.remove(key);
        }
    }

    @MadeFor(
            value = Rule.KV_03,
            fault = "An empty value reads as absent.",
            cause = "an empty value reads as absent",
            seen = "a value of 0 bytes")
    static final class EmptyReadsAsAbsent extends Healthy {
        @Override
        public Optional<Entry> get(Key key) {
            return super.get(key).filter(entry -> entry.size() > 0);
        }
    }

    @MadeFor(
            value = Rule.KV_04,
            fault = "Keys are brought into Unicode's composed form.",
            cause = "keys normalised",
            seen = "the value of '(é|e\u0301)'|the listing")
    static final class KeysNormalised extends Healthy {
        @Override
        public Optional<Entry> get(Key key) {
            return super.get(composed(key));
        }

        @Override
        public void put(Entry entry) {
            super.put(Entry.of(composed(entry.key()), entry.value()));
        }

        @Override
        public void delete(Key key) {
            super.delete(composed(key));
        }

        private static Key composed(Key key) {
            return Key.of(Normalizer.normalize(key.path(), Normalizer.Form.NFC));
        }
    }

    @MadeFor(
            value = Rule.KV_05,
            fault = "Deleting a key deletes what lies below it.",
            cause = "`delete` removes everything that starts with the key",
            seen = "after the other was deleted|'foo/bar/deep'")
    static final class DeleteTakesTheSubtree extends Healthy {
        @Override
        public void delete(Key key) {
            super.delete(key);
            deleteBelow(key.asPrefix());
        }

        private void deleteBelow(Prefix prefix) {
            for (String name : super.list(prefix)) {
                if (name.endsWith("/")) {
                    deleteBelow(Prefix.of(prefix + name));
                } else {
                    super.delete(prefix.key(name));
                }
            }
        }
    }

    @MadeFor(
            value = Rule.KV_06,
            fault = "Overwriting is a delete and then a create.",
            cause = "overwriting is a delete followed by a create",
            seen = "a key that is only overwritten read as absent")
    static final class OverwrittenInTwoSteps extends Healthy {
        @Override
        public void put(Entry entry) {
            super.delete(entry.key());
            roundTrip();
            super.put(entry);
        }
    }

    @MadeFor(
            value = Rule.KV_07,
            fault = "A put whose reply was lost is sent again, over whatever was written meanwhile.",
            cause = "a write whose reply was lost is sent again and overwrites a later one",
            seen = "whose reply was lost had taken effect|calls on 'shared/")
    static final class LostWriteSentAgain extends Healthy {
        @Override
        public void put(Entry entry) {
            try {
                super.put(entry);
            } catch (BackendException.OutcomeUnknown e) {
                super.put(entry);
            }
        }
    }

    @MadeFor(
            value = Rule.KV_08,
            fault = "A commit is checked as a whole and then made of single writes.",
            cause = "a commit is split into several store requests",
            seen = "showed commit|the second key after commit")
    static final class CommitInSteps extends Healthy {
        @Override
        public void commit(List<Mutation> mutations) {
            Checks.commit(Operation.at("zoo", "store=" + place()).on("commit", mutations.size()), limits(), mutations);
            for (Mutation mutation : mutations) {
                super.commit(List.of(mutation));
                roundTrip();
            }
        }
    }

    @MadeFor(
            value = Rule.KV_09,
            fault = "A put returns when it is in a buffer, which is written with the next call.",
            cause = "`put` returns before the store has synced: asynchronous write, write-behind buffer",
            seen = "after the restart")
    static final class WriteBehind extends Healthy {
        private final Map<Key, Entry> buffer = new ConcurrentHashMap<>();

        @Override
        public void put(Entry entry) {
            buffer.put(entry.key(), entry);
        }

        @Override
        public Optional<Entry> get(Key key) {
            flush();
            return super.get(key);
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            flush();
            return super.list(prefix, after, limit);
        }

        @Override
        public void delete(Key key) {
            flush();
            super.delete(key);
        }

        private void flush() {
            buffer.values().forEach(super::put);
            buffer.clear();
        }
    }
}
