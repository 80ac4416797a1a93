package dev.holdfast.tck.contender;

/**
 * What a contender said.
 *
 * <table>
 *   <caption>The events</caption>
 *   <tr><th>name</th><th>at</th><th>number</th><th>text</th></tr>
 *   <tr><td>won</td><td>after {@code acquire} returned</td><td>token</td><td>when it was called</td></tr>
 *   <tr><td>none</td><td>after {@code tryAcquire} returned empty</td><td></td><td></td></tr>
 *   <tr><td>released</td><td>before {@code release} was called</td><td>token</td><td></td></tr>
 *   <tr><td>lost</td><td>when {@code lost()} completed</td><td>token</td><td>reason and detail</td></tr>
 *   <tr><td>held</td><td>before {@code isHeld} was called</td><td>remaining, in ms</td><td>its answer</td></tr>
 *   <tr><td>guarded</td><td>now</td><td>before the last {@code isHeld} that said yes</td><td></td></tr>
 *   <tr><td>interval</td><td>after {@code tryAcquire} returned a lease</td><td>token</td>
 *       <td>before the last {@code isHeld} that said yes</td></tr>
 *   <tr><td>error</td><td>after a call threw</td><td></td><td>what it threw</td></tr>
 *   <tr><td>killed, paused</td><td>after it was killed or stopped</td><td></td><td></td></tr>
 *   <tr><td>resumed</td><td>before it was let go on</td><td></td><td></td></tr>
 * </table>
 *
 * @param at nanoseconds on the machine's monotonic clock
 */
public record ContenderEvent(String name, long at, long number, String text) {
    /** Reads a line of the protocol. */
    static ContenderEvent parse(String line) {
        String[] parts = line.split(" ", 4);
        return new ContenderEvent(
                parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts.length > 3 ? parts[3] : "");
    }
}
