/** The reference server: starts from a configuration file, stops in order. */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;
