package dev.holdfast.spi;

/** One change of a {@link TransactionalBackend#commit commit}. */
public sealed interface Mutation {
    /** The key that is changed. */
    Key key();

    /** Stores an entry, replacing what was there. */
    record Put(Entry entry) implements Mutation {
        @Override
        public Key key() {
            return entry.key();
        }
    }

    /** Removes a key; one that is absent stays absent. */
    record Delete(Key key) implements Mutation {}
}
