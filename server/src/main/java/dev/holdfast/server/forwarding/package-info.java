/** Requests that a standby hands to the active over mutual TLS. */
@NullMarked
package dev.holdfast.server.forwarding;

import org.jspecify.annotations.NullMarked;
