/** Active/standby for JVM services, over any backend of the SPI; see {@link dev.holdfast.ha.HANode}. */
module dev.holdfast.ha {
    requires transitive dev.holdfast.spi;
    requires static transitive org.jspecify;
    requires static transitive micrometer.core;
    requires org.slf4j;

    exports dev.holdfast.ha;
}
