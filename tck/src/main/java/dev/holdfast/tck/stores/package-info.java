/**
 * Real stores in containers, for harnesses. Each image can be replaced: {@code -Dholdfast.image.etcd=NAME}, or the
 * environment variable {@code HOLDFAST_IMAGE_ETCD}; likewise {@code zookeeper} and {@code ceph}. Upstream's images work,
 * because the ones that this project builds have their interface.
 */
@NullMarked
package dev.holdfast.tck.stores;

import org.jspecify.annotations.NullMarked;
