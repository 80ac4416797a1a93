/** What users write to configure the server, in HCL or JSON, and what it means. */
@NullMarked
package dev.holdfast.server.config;

import org.jspecify.annotations.NullMarked;
