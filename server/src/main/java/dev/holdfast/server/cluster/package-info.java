/** Active/standby: who leads, what it tells the others about itself, and what the service may do meanwhile. */
@NullMarked
package dev.holdfast.server.cluster;

import org.jspecify.annotations.NullMarked;
