/**
 * The Holdfast SPI: storage and leader locks that a JVM server can trust.
 *
 * <p>Hosts read {@link dev.holdfast.spi}; who writes a backend also reads {@link dev.holdfast.spi.driver}.
 */
module dev.holdfast.spi {
    requires static transitive org.jspecify;

    exports dev.holdfast.spi;
    exports dev.holdfast.spi.config;
    exports dev.holdfast.spi.driver;

    uses dev.holdfast.spi.BackendProvider;
}
