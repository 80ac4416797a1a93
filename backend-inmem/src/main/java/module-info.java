/** The in-memory backend: the reference implementation of the contract. */
module dev.holdfast.backend.inmem {
    requires transitive dev.holdfast.spi;

    exports dev.holdfast.backend.inmem;

    provides dev.holdfast.spi.BackendProvider with
            dev.holdfast.backend.inmem.InMemProvider;
}
