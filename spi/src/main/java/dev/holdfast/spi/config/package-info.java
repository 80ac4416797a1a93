/** The typed schema of a backend's configuration, and configurations checked against it. */
@NullMarked
package dev.holdfast.spi.config;

import org.jspecify.annotations.NullMarked;
