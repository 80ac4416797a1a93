/** The HTTP surface, which is Vault's for what the server has. */
@NullMarked
package dev.holdfast.server.api;

import org.jspecify.annotations.NullMarked;
