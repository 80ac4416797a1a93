package dev.holdfast.tck;

import static dev.holdfast.spi.Capability.DURABLE;
import static dev.holdfast.spi.Capability.FENCING;
import static dev.holdfast.spi.Capability.LINEARIZABLE_READS;
import static dev.holdfast.spi.Capability.LOCKS;
import static dev.holdfast.spi.Capability.TRANSACTIONS;
import static dev.holdfast.tck.Rule.Level.MUST;
import static dev.holdfast.tck.Rule.Level.SHOULD;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.config.Spelling;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the contract, as data: the same ids, levels and texts as in {@code tck/SPEC.md}, to which
 * {@code SpecTest} compares them, and for each the likely causes of a failure.
 *
 * <p>The text of a constant is its requirement, followed by one line for each hint, marked with {@code "- "}. A
 * constant that begins with a capability applies to the backends that declare it.
 */
public enum Rule {
    H_01(MUST, "Every open gives a new client", """
        Each `open` of the harness MUST give a new client with a connection or session of its own. Closing one client,
        cutting its link or expiring its session MUST NOT change what another client can do, and two clients MUST
        exclude each other from a lock as two processes would.
        - `open` returns a cached instance, or two instances share a session, channel or connection
        - a static field in the backend or in its client library
        - close() shuts down an executor or event loop that other instances use"""),
    H_02(MUST, "The namespace is empty and isolated", """
        When a test starts, `list` of `Prefix.ROOT` MUST be empty, and so MUST `holder()` of every lock that it uses.
        Entries, locks and fences of one namespace MUST be neither visible in nor changed from another namespace of the
        same store.
        - the namespace is applied to entries and forgotten for locks or fences
        - namespaces `a` and `ab` are put before keys without a separator
        - the harness uses a namespace again, or an earlier run was not cleaned up"""),
    H_03(MUST, "Faults do what they say", """
        A fault that the harness says it can inject (cut, black hole, delay, drop replies, pause, kill, expire, restart)
        MUST take effect within 1 s on its target and on nothing else, and MUST end within 1 s of being healed: while a
        client's link is cut, its plain `get` of an existing key MUST NOT return the value, and another client's MUST. A
        fault that it cannot inject MUST be declared so; the rules that need it are then UNVERIFIED.
        - the client reaches the store past the proxy: advertised addresses, ensemble tracking, a second endpoint
        - `get` is answered from a cache
        - a pause stops a parent process or shell and not the JVM that holds the lock"""),
    H_04(MUST, "Capabilities are what they are declared to be", """
        `capabilities()` MUST equal what the harness expects, in both directions, for the whole life of the instance,
        and hold `LOCKS` exactly when `haEnabled()` is true. A declared capability MUST work. An undeclared one MUST be
        refused: the instance does not implement the interface, or the call throws `InvalidRequest` that names the
        capability, and nothing is applied.
        - capabilities() is fixed per class although configuration or the store takes one away
        - an undeclared `commit`, `fence` or `lock` falls back to something weaker instead of refusing
        - the harness's expectation is out of date"""),
    KV_01(MUST, "An absent key reads as empty", """
        `get` of a key that was never written, or whose last change was a delete, MUST be empty. `delete` of such a key
        MUST return normally, any number of times, and change nothing.
        - the store's not-found answer is passed on as an exception
        - `delete` looks for the key first, or insists on a version
        - a tombstone, marker or empty parent reads as an entry"""),
    KV_02(MUST, "An acknowledged write is seen", """
        Once `put`, `delete` or `commit` has returned, every `get` and `list` that begins later MUST show it until the
        next change of that key, through the client that wrote it and through any other. Only an instance that does not
        declare `LINEARIZABLE_READS` may show it late to other clients, by `request_timeout` at most, and never to the
        writer.
        - a cache, or a lagging replica, answers reads (ZooKeeper follower without `sync`, serializable etcd read)
        - `put` returns before the store has acknowledged
        - listings come from an index that is updated later than the entries"""),
    KV_03(MUST, "Bytes are exact and never shared", """
        A value MUST come back byte for byte under the key it was put under, whatever its bytes; an empty value is a
        value and MUST NOT read as absent. Changing an array after it was handed in, or one that was handed out, MUST
        NOT change what the store or any later call returns.
        - an empty value reads as absent (null, zero length, missing body)
        - bytes pass through a String or a character set
        - an array is kept or handed out instead of a copy
        - framing added by client or proxy is not removed (chunked upload, compression)"""),
    KV_04(MUST, "Keys never alias", """
        Different keys MUST name different entries, each listed under exactly the name it was put under: letter case,
        Unicode normal forms, percent escapes, spaces, trailing dots, leading underscores and segments of 200 characters
        are neither folded, decoded nor cut. A key that the store cannot hold MUST be refused before anything is
        written, with `LimitExceeded` for its length and `InvalidRequest` for anything else.
        - keys normalised: the client or the store decodes `%2F`, folds case or composes Unicode
        - the mapping does not escape its own escape character or suffix
        - a segment is cut, hashed or trimmed to what the store allows"""),
    KV_05(MUST, "A key and its prefix coexist", """
        A key MUST be able to hold a value while keys below it do. `put` and `delete` of `foo` MUST NOT change `foo/bar`
        or anything else below `foo`, nor the reverse, in any order.
        - one node or file is both the value and the directory, so deleting one deletes the other
        - `delete` removes everything that starts with the key
        - an empty parent node reads as an empty value"""),
    KV_06(MUST, "Overwriting replaces the whole value", """
        `put` of an existing key MUST replace the whole value. A `get` at any moment MUST return one value exactly as it
        was put: never a mix of two, and never empty for a key that is only being overwritten.
        - the rest of a longer old value, or its later chunks, stays behind
        - overwriting is a delete followed by a create
        - a value in several parts is not switched over in one step"""),
    KV_07(LINEARIZABLE_READS, MUST, "Concurrent use is linearizable per key", """
        Concurrent `get`, `put` and `delete` calls from any threads and clients MUST be linearizable per key: each takes
        effect once, at one instant between its start and its end. A write whose exception says `maybeApplied()` takes
        effect once at any instant after its start, or never; a call that ended with any other exception never takes
        effect.
        - a write whose reply was lost is sent again and overwrites a later one
        - a write that ended with Unavailable stays queued in the client and is sent after all
        - reads come from a cache or a replica
        - two store requests where one conditional request is needed"""),
    KV_08(TRANSACTIONS, MUST, "A commit is all or nothing", """
        `commit` MUST apply all of its mutations or none, visible at once: who has seen one sees all in every later
        read. Up to `maxMutations`, at least 2, MUST be accepted. More, or more bytes than `limits()` allows, is
        `LimitExceeded`, and the same key twice `InvalidRequest`; either applies nothing, wherever in the list the fault
        stands. After `OutcomeUnknown` all or none was applied. An empty commit is a no-op.
        - a commit is split into several store requests, or undone by hand after a failure
        - a failed batch leaves the callers that shared it waiting
        - `maxMutations` does not count the operations that the backend adds (fence compare, markers)
        - the same key twice is left to the store, which answers with an untyped error"""),
    KV_09(DURABLE, MUST, "Acknowledged writes survive a restart", """
        What was acknowledged before all servers of the store were killed (SIGKILL) and started again, fences included,
        MUST be seen by every client opened afterwards.
        - `put` returns before the store has synced: asynchronous write, write-behind buffer
        - the store runs without persistence, yet `DURABLE` is declared
        - data is stored under a lease or session and expires with it"""),
    LS_01(MUST, "A listing is exact", """
        `list` MUST give the immediate children of the prefix: `name` for each that holds a value, `name/` for each that
        has keys below it, both where both are so; each once, ascending by UTF-8 bytes (`foo`, `foo-bar`, `foo/`). It
        MUST match whole segments only, and leave out the prefix itself and all that the backend keeps for itself
        (locks, fences, markers). Where there is nothing, it is empty.
        - prefix without its boundary: `foo/` also matches `foobar`
        - names are sorted as UTF-16, by locale, or before the `/` is appended
        - lock, fence or marker nodes lie in the tree that is listed
        - a name that is both key and subtree is merged into one"""),
    LS_02(MUST, "No ghost directories, no lost puts", """
        A subtree MUST be listed while, and only while, some key below it holds a value: deleting the last one removes
        it from the listing of every level above. Cleaning up an empty parent MUST NOT remove, hide or fail a `put`
        below it that runs at the same time.
        - ghost directories: parents of deleted keys are never removed
        - parent clean-up drops a sibling's put: it deletes unconditionally or recursively
        - `put` makes parents and value in separate steps and passes on a missing parent"""),
    LS_03(MUST, "A listing is complete beyond any page", """
        `list` MUST be complete whatever the number and length of the names: 2,500 children of one level, with more than
        1 MiB of names, MUST come whole from one call whose `limit` exceeds their number and from a walk in pages.
        Neither may close a connection or cost a lease.
        - first page only: the store's truncated flag or continuation token is ignored
        - the reply exceeds the client's frame (ZooKeeper 1 MB, gRPC 4 MiB), which closes the connection
        - a page that is empty after filtering is taken for the end"""),
    LS_04(MUST, "Paging cuts exactly", """
        For every `after` and every `limit` from 1, `list` MUST give exactly the first `limit` names of the full listing
        that are greater than `after` by UTF-8 bytes; fewer than `limit` means the end. `after` is exclusive, need not
        exist, and may lie between `name` and `name/` or inside a subtree (`name/x`). A `limit` below 1 is an
        `IllegalArgumentException`. A walk while others write MUST give each name that is there throughout exactly once.
        - `limit` is applied before keys are folded into subtrees, so a short page looks like the end
        - `after` is inclusive, or handed to the store without jumping past the rest of a subtree
        - `after` = `name` skips `name/`, or `name/` comes twice"""),
    LS_05(SHOULD, "Cost follows the children", """
        The cost of `list` SHOULD follow the number of children and not of their descendants: listing 50 subtrees of
        1,000 keys each SHOULD take as many store requests as listing 50 subtrees of one key each, and move at most
        twice as many bytes between client and store, plus 4 KiB.
        - the whole prefix is fetched and folded in the client
        - one request per child, to tell values from directories
        - values come along although only names are wanted"""),
    ER_01(MUST, "Limits are exact and harmless", """
        A key of `maxKeyBytes`, a value of `maxValueBytes`, both together and, where declared, a commit of
        `maxMutations`, one of `maxCommitBytes`, a lock key of `maxKeyBytes` and a lock value of 1,024 bytes MUST be
        accepted and come back whole. One more MUST be `LimitExceeded` before anything is sent. A lease held meanwhile
        through the same instance MUST stay held.
        - limits() forgets what the request adds: headers, encoding, the namespace's path
        - the size is left to the store, which drops the connection (ZooKeeper frames)
        - characters are counted instead of bytes of UTF-8
        - locks and data share one session"""),
    ER_02(MUST, "An outage is typed and in time", """
        While the store cannot be used, every call, locks included, MUST end within `request_timeout` + 1 s, an
        `acquire` that already waits within `request_timeout` + `lock_ttl` + 1 s. A link that is black-holed (either or
        both ways), reset or refused is `Unavailable`, or `OutcomeUnknown` for a write that may have been applied;
        refused credentials are `AccessDenied`; a missing bucket or root is named in the message. It MUST NOT read as
        absence, an empty or partial list, a free or a taken lock, or success.
        - an I/O error is returned as absent, or as an empty list
        - no deadline: the client waits for ever while the store is down (jetcd without a timeout)
        - a black hole is noticed by transport keep-alive only (gRPC: 40 s), or retries add up past the deadline
        - one failure of a batch or connection leaves other callers waiting"""),
    ER_03(MUST, "A lost reply is honest", """
        A write that may have reached the store and whose reply is lost MUST end within `request_timeout` + 1 s with
        `OutcomeUnknown`, or with its true result where the backend found out. Returning normally MUST mean applied, and
        an exception that is not `maybeApplied()`, such as `Unavailable` or `Fenced`, not applied, now or later. A
        backend that sends again MUST NOT let one call take effect twice, nor take the conflict with its own first
        attempt for another's success. A lock attempt that lost its reply MUST win or leave nothing behind.
        - a timeout after sending is mapped to Unavailable
        - own retry's conflict read as "a rival won" (S3 412, failed compare, node exists, a fence raised since)
        - the request stays in the client's queue and is sent after the call has failed
        - a lock entry whose creation was not answered is not looked for"""),
    ER_04(MUST, "The instance recovers", """
        Within `request_timeout` + 5 s of the store answering again, with all of its servers or with enough of them and
        however long it was away, the same instance MUST complete every kind of call again, `acquire` included, without
        being opened anew. A lease lost meanwhile stays lost.
        - the client's back-off grows with the outage (gRPC 120 s, exponential retry)
        - dead lease reused for ever: the expired session or lease id is kept
        - a watch or stream is not started again after the reconnect
        - a server that has lost the others keeps each call, or the addresses became those that servers advertise"""),
    ER_05(MUST, "Interruption is prompt and harmless", """
        Interrupting a thread inside a call MUST end that call within 1 s: a read throws `Unavailable` and a write
        `OutcomeUnknown`, both with the interrupt status set; `acquire` and `tryAcquire` throw `InterruptedException`.
        The instance, its leases and the calls of other threads MUST go on unharmed.
        - InterruptedException is swallowed and the wait goes on
        - the interrupt status is not restored
        - an interrupt closes a channel that all threads share
        - the wait is on something that cannot be interrupted (monitor, join, event loop)"""),
    HA_01(LOCKS, MUST, "At most one holder", """
        Of all leases of one lock at most one MUST be held at any instant: the intervals from the return of `acquire` to
        the first moment at which `isHeld()` answers or would answer false MUST NOT overlap, across threads, instances
        and processes, whatever faults occur and in any combination. Only after somebody removed the lock may they, for
        the 1 s of LO-03.
        - check-then-put acquire: reading and taking the lock are two steps, or the store makes them two (some S3 servers)
        - writing the value detaches the lock from its lease, so it outlives or loses its holder
        - reconnect silently re-holds a lease that had expired
        - a server that is behind the others tells of an earlier entry of the same name, and it is taken for the present one"""),
    HA_02(LOCKS, MUST, "A simultaneous start has one winner", """
        When 32 contenders start at the same moment for a free lock, exactly one MUST acquire it, within
        `request_timeout` + 1 s, and all others MUST wait or come back empty. When the winner releases, exactly one
        other MUST follow.
        - check-then-put acquire
        - own retry's conflict read as "a rival won", so that nobody wins
        - queue entries are ordered by name or time instead of by the store's sequence"""),
    HA_03(LOCKS, MUST, "An abandoned attempt leaves nothing behind", """
        `tryAcquire(timeout)` MUST return empty when another held the lock all the while, not before `timeout` and at
        most 1 s after it; zero asks the store once. An attempt that timed out, was interrupted, failed or was closed
        MUST never be granted later, and once the holder releases a rival MUST win at once; only where the store could
        not be told, within `lock_ttl` + expiry step + 1 s.
        - cancelled waiter stays queued (etcd's server-side Lock service)
        - the attempt is abandoned in the caller and goes on in the background
        - an entry whose creation was interrupted is not looked for and deleted"""),
    HA_04(LOCKS, MUST, "Handles are single and reusable", """
        Acquiring through a handle that holds or is acquiring MUST throw `InvalidRequest` and leave that lease or
        attempt as it is; a second handle contends like any other contender, even in the same instance and thread.
        `release()` MUST be idempotent. After a release or a loss the same handle MUST be able to acquire again, with a
        higher token.
        - the lock is re-entrant per thread, session or instance
        - a second `release()` deletes again or throws
        - the handle keeps its old state or store entry after a loss"""),
    HA_05(LOCKS, MUST, "A stale holder never frees its successor", """
        `release()` or `close()` of a lease that is no longer current, whether lost, expired, removed or paused past its
        time, MUST NOT free, shorten or change the successor's lease, also when its request arrives late.
        - release deletes by path instead of by its own lease, version or session
        - the background retry of a failed release outlives the lease
        - `close()` removes every lock entry that it ever made, by name"""),
    HA_06(LOCKS, MUST, "A failed release is never stranded", """
        When the store does not confirm, `release()` MUST throw `Unavailable` or `OutcomeUnknown` within
        `request_timeout` + 1 s, with `isHeld()` already false, and the backend MUST retry in the background until the
        store confirms or expires the lock. A rival MUST win within `request_timeout` + 5 s of the link healing, and in
        any case within `lock_ttl` + expiry step + 1 s of the release.
        - failed release swallowed: no exception, no retry
        - heartbeats keep the session alive, so the entry never expires
        - `isHeld()` stays true until the store has answered"""),
    HA_07(LOCKS, MUST, "Locks are independent, values do not steal", """
        Locks of different keys MUST be independent, also where one key is a prefix of another (`a`, `a/b`): holding,
        awaiting, releasing or removing one never affects another. A lock and an entry of the same key MUST NOT meet.
        Contenders with equal values MUST exclude each other like any others, also after a restart.
        - equal value steals: the value is taken for the contender's identity
        - the queue is read by string prefix, so `a` sees the entries of `a/b`
        - locks lie in the same key space as entries
        - one session-wide slot or thread serves all locks of an instance"""),
    HA_08(LOCKS, MUST, "holder() names the holder", """
        `holder()` MUST return, from any client, the value and token of a lease that was current at some moment during
        the call, exactly as given, and be empty when the lock was free. It MUST NOT name a waiter, nor a holder whose
        `release()` had returned before the call began; a dead holder may be named until the store has expired it.
        - `holder()` returns the newest waiter
        - the value is written after the lock is won, so the past one shows for a while
        - the value outlives the lock, or the answer is cached"""),
    HA_09(LOCKS, MUST, "News of the holder comes by itself", """
        A watch MUST run its listener once it has begun and after every change of the holder, by acquiring, release,
        expiry or removal, within 1 s of it and, where the instance does not declare `WATCHES`, one interval of the
        caller's. A change that falls into an outage MUST be told within `request_timeout` + 5 s of its end, or of
        enough of the store's servers answering. A slow listener MUST delay neither another watch nor a renewal, and
        after `close()` no run begins. An instance that declares `WATCHES` MUST NOT send requests while nothing changes.
        - the store is polled although WATCHES is declared
        - the watch dies with its connection or session, or is not set again before the listener looks
        - a watch sees what goes and not what comes, or the other way round
        - the listener runs on the client library's own thread"""),
    LO_01(LOCKS, MUST, "Expiry is signalled", """
        A holder that can no longer renew MUST find `isHeld()` false and `lost()` complete with reason `EXPIRED` no
        later than `lock_ttl` after it sent the last renewal that the store acknowledged, without hearing from the
        store.
        - expiry is only learnt on reconnect (ZooKeeper), or from a stream that died silently (jetcd keep-alive)
        - deadline counted from receipt of the renewal's answer
        - the store granted a shorter time than was asked, and the backend counts with what it asked"""),
    LO_02(LOCKS, MUST, "Lost precedes rival", """
        `isHeld()` MUST be false and `lost()` complete before any rival's `acquire` returns, on one monotonic clock,
        however the holder was cut off: both ways, requests only, replies only, or on a store server that is itself cut
        off from the others. The holder's deadline MUST count from the send time of the last renewal that the store's
        leader or quorum acknowledged, less a margin. Exempt are a process that is stopped (LO-04) and a lock that
        somebody removed (LO-03).
        - deadline counted from receipt instead of from sending
        - ping to a follower taken for renewal; "connected" taken for "held"
        - the margin forgets what a follower had not yet reported (half a tick, the ping interval)
        - loss is found by a timer that runs rarely, or announced from a busy thread"""),
    LO_03(LOCKS, MUST, "Removal is signalled", """
        When the lock is removed behind the holder's back (its store lease revoked, its session closed, the lock object
        deleted) while its link works, `isHeld()` MUST be false and `lost()` complete with reason `REVOKED` within 1 s.
        The backend MUST NOT put the lock back.
        - nobody watches the holder's own entry, or the watch died (compaction, expired token)
        - renewing a dead lease is taken for success (look at the TTL in etcd's answer)
        - the backend creates the lock again"""),
    LO_04(LOCKS, MUST, "A paused process starts nothing", """
        A process that was stopped for longer than `lock_ttl` (SIGSTOP, a long collection) MUST find `isHeld()` false
        and `remaining()` zero the first time it asks, so that no guarded operation starts; `lost()` MUST complete
        within 1 s of waking.
        - isHeld() returns a flag that a timer sets, instead of comparing the clock
        - renewals that were due during the pause are sent on waking and revive the lease
        - the deadline is on the wall clock, or on a clock that stops with the process"""),
    LO_05(LOCKS, MUST, "The wall clock does not matter", """
        Steps of the wall clock of ±1 h at the holder or at a rival MUST NOT lose a lease, keep one beyond its time or
        let a rival in early, and calls MUST keep their deadlines.
        - wall-clock deadline: currentTimeMillis, Instant or Date where nanoTime belongs
        - timestamps written by another machine are compared with the local clock
        - requests signed with the stepped time are refused, and not signed again with the server's"""),
    LO_06(LOCKS, MUST, "A slow callback does no harm", """
        User code run by `lost()` MUST NOT delay renewal, the signals of other leases or any call, even when it throws:
        while one callback is blocked for 2 × `lock_ttl`, every other lease of the instance MUST stay held and every
        other loss be signalled in its own time.
        - renewal on the callback thread
        - callbacks run on the client library's event loop, which also reads the answers
        - one thread runs the callbacks of all leases"""),
    LO_07(LOCKS, MUST, "No false loss", """
        A lease MUST stay held while the store can serve: when one of three or more store servers is killed and the
        store answers again within a third of `lock_ttl`, while 1 % of replies are late by up to a third of `lock_ttl`,
        and, with a `lock_ttl` of 6 s or more, when connections are reset or fall silent for good and new ones can be
        made.
        - a lost connection is taken for a lost lease
        - renewal is tried once per `lock_ttl`, with no time left for a second try
        - one late reply holds up the renewals behind it
        - the client knows one server only"""),
    LO_08(LOCKS, MUST, "Loss is single and final", """
        `lost()` MUST complete at most once, normally, with a reason and a detail, and cannot be completed by the
        caller. A clean `release()` MUST NOT complete it; closing the backend completes it with `CLOSED`. After a loss
        `isHeld()` MUST stay false and `remaining()` zero, whatever reconnects.
        - reconnect silently re-holds
        - the holder's own release is seen by its watch and reported as a loss
        - the future itself is handed out, not a view of it"""),
    FN_01(LOCKS, MUST, "Tokens strictly rise", """
        `token()` MUST be at least 1, constant for its lease, and greater than every earlier token of that lock: across
        release, loss, kill, new clients, deletion and re-creation of the lock, and a restart of a store that keeps its
        data.
        - token restarts with the lock object (node version, sequence suffix, counter in the object)
        - the token is drawn before or after the lock is won instead of in the same step
        - the token comes from a clock or from a counter in the process"""),
    FN_02(FENCING, MUST, "A stale fence rejects atomically", """
        `fence(token)` MUST raise the namespace's fence and give a view whose writes the store itself compares with it
        in the same atomic step, at no further round trip. Once a higher token was raised, a `put`, `delete` or `commit`
        through a lower view MUST apply nothing, even when it was sent before and arrives after: it throws `Fenced`, or
        `OutcomeUnknown` when no reply came. Reads are never fenced. Where `FENCING` is undeclared, `fence` MUST be
        refused as in H-04.
        - the fence is read first and compared in the client
        - the compare is on the lock's version, which the next holder's has too (ZooKeeper version 0)
        - `delete`, `commit` or a retry goes around the compare"""),
    FN_03(LOCKS, MUST, "A new holder sees what its predecessors wrote", """
        After `acquire` has returned, every `get` and `list` of the new holder MUST show all writes that were
        acknowledged to any earlier holder of the lock, whether or not `LINEARIZABLE_READS` is declared.
        - the first reads come from a lagging replica: no `sync` after the lock is won
        - lock and data use sessions on different servers
        - a cache survives the change of holder, or writes were still buffered"""),
    FN_04(FENCING, MUST, "The fence never falls", """
        `fence` with a token below the one that stands MUST throw `Fenced` and change nothing; with the same token it
        MUST succeed and give a working view; below 1 it is `InvalidRequest`. The fence MUST NOT fall by closing a
        client, by expiry of a lease, by deleting every entry, or by a restart of a store that keeps its data.
        - the fence is written without a condition
        - an equal token is refused, so the retry of an unanswered `fence` fails
        - the fence lies under the lease or session, or among the entries"""),
    LV_01(LOCKS, MUST, "A killed holder is replaced", """
        After SIGKILL of the holder, a waiter MUST hold the lock within the holder's `lock_ttl` + expiry step + 1 s,
        however long its own is.
        - writing the value detaches it from the lease, so it never expires
        - the waiter polls rarely, or watches something that does not change on expiry
        - the waiter starts to count a whole `lock_ttl` only when it looks again"""),
    LV_02(LOCKS, MUST, "Contention survives partitions", """
        Within `request_timeout` + `lock_ttl` + expiry step + 5 s of a partition healing, or of enough of the store's
        servers serving those who know them, however it fell, some contender MUST hold the lock; from then on each
        release MUST be followed by a waiting contender's `acquire` at once, and no contender may wait longer than that
        while the lock is free.
        - an event missed during the cut is not made up for by reading again
        - dead lease reused for ever
        - an orphaned queue entry is kept alive by its own client
        - a waiter stays with a server that has lost the others and still talks to it"""),
    LV_03(LOCKS, SHOULD, "A release wakes one waiter", """
        A release SHOULD wake one waiter: the requests that all contenders send to the store per hand-off, less what
        they send in the same time when nothing changes, SHOULD be no more with 50 waiters than 1.5 times those with 2.
        - every waiter watches the lock instead of its predecessor
        - each waiter that wakes reads the whole queue
        - waiters poll in step, without jitter"""),
    LV_04(LOCKS, MUST, "An expired waiter queues again", """
        A waiter whose session or queue entry expired while it waited MUST NOT be granted the lock by that entry: it
        MUST queue again or throw `Unavailable`. A lease that `acquire` returns MUST be one that the store backs at that
        moment.
        - no own-key check after the queue
        - the predecessor's end is taken for a grant although the waiter's own entry is gone
        - dead lease reused for ever"""),
    LC_01(MUST, "Closing is complete", """
        `close()` MUST be idempotent, throw nothing and return within `request_timeout` + 1 s even when the store does
        not answer. It releases every lease, so that a rival wins at once, and completes their `lost()` with `CLOSED`;
        pending calls end within 1 s and later calls at once, with `Closed`. After 100 rounds of open, use and close,
        the numbers of threads, of connections and of sessions in the store MUST be what they were.
        - the client library's threads or event loops are not shut down, or not awaited
        - a waiting `acquire` or a blocked call is not ended
        - leases are left to expire instead of being released
        - a call that sends nothing does not ask whether the instance is open"""),
    LC_02(MUST, "Configuration is checked first", """
        An unknown, a missing and a malformed option MUST each be refused before any I/O by a `ConfigException` that
        names the option, an unknown one also with the known name that it resembles, if any. The value of a secret
        option MUST NOT appear in any message, cause, `toString()`, thread name or log line, at any log level.
        - options are read from a map by name, so a misspelt one is ignored
        - a value is only parsed when it is first used
        - the client library puts its configuration or a URI with a password into logs or exceptions"""),
    LC_03(MUST, "The provider is found", """
        `ServiceLoader` MUST find the provider, and it MUST open and work, on the class path and on the module path,
        each time together with every other Holdfast backend. Its `type()` MUST be its own; a provider that cannot be
        loaded MUST NOT hide the others.
        - META-INF/services or `provides` is missing, or only one of them is there
        - client libraries clash (Netty 4.1 and 4.2), or split a package between modules
        - the provider's constructor does I/O or needs classes that are not there"""),
    SP_01(MUST, "Data here, lock there", """
        Entries MUST be written to `storage` only and the lock taken in `ha_storage` only: after an active has served,
        `list` of `ha_storage` is empty and no lock is held in `storage`. The fence, where there is one, MUST stand in
        `storage`.
        - the advertisement is written through the lock's backend
        - the lock is taken in `storage` because it can lock, too
        - the fence is raised where the lock lives"""),
    SP_02(MUST, "Losing ha_storage demotes", """
        When the lease is lost in `ha_storage`, the active MUST start no write and accept no request as active from the
        moment `isHeld()` is false, however healthy `storage` is, and MUST serve again only with a new lease and a
        higher token.
        - the host watches the health of `storage` only
        - demotion waits for requests in flight before new ones are refused
        - a loss during takeover goes unnoticed because nobody listens yet"""),
    SP_03(MUST, "Losing storage gives the lock up", """
        An active that cannot reach `storage` MUST release the lock within 3 × the `request_timeout` of `storage` + 1 s,
        and MUST NOT contend again before `storage` answers it, so that another contender may serve.
        - nothing asks `storage` while no requests come in
        - the lease is renewed for ever whatever `storage` says
        - the host releases and at once acquires again"""),
    SP_04(MUST, "A late write is stopped or outwaited", """
        In a fencing pair no write of a deposed active may take effect once its successor reads or writes: the successor
        MUST first raise the fence of `storage` to its token, and `storage` MUST reject the late write with `Fenced`. In
        a bounded pair time MUST do it, except for a process that is stopped between checking and sending, whatever
        became of the lock and whether or not its holder has heard of it: a write begins within half a `lock_ttl` of a
        sign in storage that its writer was there and held the lock afterwards, with as much lease left as its deadline,
        and is cut at that deadline; the successor of an active that did not end cleanly neither reads nor writes before
        that and `lock_delay`, at least the longest request deadline and 1 s, have passed since it saw the last sign.
        Which of the two a pair is MUST be reported by its capabilities and at start-up.
        - the fence is raised after the first read or after the advertisement
        - some writes go around the fenced view
        - `lock_delay` is shorter than the longest deadline, the client's own retries included"""),
    SP_05(MUST, "An ha_storage without locks is refused", """
        An `ha_storage` whose backend has no locks at all MUST be refused at start by an error that names the option and
        the backend's type; one whose locks are turned off or unusable (`haEnabled()` is false) by another error that
        says so and why. Neither may change anything in a store.
        - only the Java type is checked, and not `haEnabled()`
        - the host falls back to running without HA
        - both cases give the same message"""),
    SP_06(MUST, "Every pair works", """
        Every pair of the backends of this repository, each in both roles and each with itself, MUST pass SP-01 to
        SP-05, and any other backend under test MUST pass them with itself and with the in-memory backend, in each role
        that its capabilities allow.
        - the two halves' client libraries clash on one class path
        - a backend paired with itself uses one namespace or session for both halves
        - `lock_delay` or a deadline is taken from the wrong half
        - the fence knows the tokens of its own locks only""");

    /** How binding a rule is. */
    public enum Level {
        /** A backend that fails it does not conform. */
        MUST,
        /** May be departed from for a reason that lies in the store and is documented. */
        SHOULD
    }

    private static final String HINT = "- ";

    private final @Nullable Capability capability;
    private final Level level;
    private final String title;
    private final String text;

    Rule(Level level, String title, String text) {
        this(null, level, title, text);
    }

    Rule(@Nullable Capability capability, Level level, String title, String text) {
        this.capability = capability;
        this.level = level;
        this.title = title;
        this.text = text;
    }

    /**
     * The rule with this id.
     *
     * @param id such as {@code KV-01}
     * @throws IllegalArgumentException when there is none; the message names the nearest and all known ids
     */
    public static Rule of(String id) {
        List<Rule> rules = List.of(values());
        return rules.stream().filter(rule -> rule.id().equals(id)).findFirst().orElseThrow(() -> {
            List<String> known = rules.stream().map(Rule::id).toList();
            return new IllegalArgumentException("there is no rule '" + id + "'" + Spelling.hint(id, known) + " (known: "
                    + String.join(", ", known) + ")");
        });
    }

    /** The id in reports and in the specification, such as {@code KV-01}. */
    public String id() {
        return name().replace('_', '-');
    }

    /** The area that the id begins with. */
    public RuleArea area() {
        return RuleArea.valueOf(name().substring(0, name().indexOf('_')));
    }

    /** How binding it is. */
    public Level level() {
        return level;
    }

    /** The rule in a few words, without a full stop. */
    public String title() {
        return title;
    }

    /** What is required: the paragraph of the specification, in Markdown, on one line. */
    public String requirement() {
        return text.lines().filter(line -> !line.startsWith(HINT)).collect(Collectors.joining(" "));
    }

    /** The likely causes of a failure, the most likely first. */
    public List<String> hints() {
        return text.lines()
                .filter(line -> line.startsWith(HINT))
                .map(line -> line.substring(HINT.length()))
                .toList();
    }

    /** The capabilities without which the rule is ABSENT; empty when it binds everybody in its area. */
    public Set<Capability> requires() {
        return capability == null ? Set.of() : Set.of(capability);
    }

    /** Whom it binds, in words, such as {@code backends that declare LOCKS}. */
    public String appliesTo() {
        return capability == null ? area().subject() : "backends that declare " + capability;
    }

    /** Where it stands, from the root of the repository, such as {@code tck/SPEC.md#kv-01}. */
    public String anchor() {
        return "tck/SPEC.md#" + id().toLowerCase(Locale.ROOT);
    }

    /** The id. */
    @Override
    public String toString() {
        return id();
    }
}
