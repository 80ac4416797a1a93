package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** As much of etcd's transactions as this backend uses, with the limits that etcd puts on them. */
final class FakeEtcd {
    private static final int MOST_OPERATIONS = 128;

    final NavigableMap<ByteString, KeyValue> keys = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    private long revision = 1;

    synchronized TxnResponse commit(TxnRequest txn) {
        requireWithinLimits(txn, MOST_OPERATIONS);
        requirePutOnce(txn, new HashSet<>());
        List<Boolean> branches = new ArrayList<>();
        choose(txn, branches);
        revision++;
        return apply(txn, branches);
    }

    /** All compares, nested ones too, look at the state before the transaction. */
    private void choose(TxnRequest txn, List<Boolean> branches) {
        boolean success = txn.getCompareList().stream().allMatch(this::holds);
        branches.add(success);
        for (RequestOp operation : success ? txn.getSuccessList() : txn.getFailureList()) {
            if (operation.hasRequestTxn()) {
                choose(operation.getRequestTxn(), branches);
            }
        }
    }

    private boolean holds(Compare compare) {
        List<KeyValue> found = range(compare.getKey(), compare.getRangeEnd());
        if (found.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.stream().allMatch(key -> holds(compare, key));
    }

    private static boolean holds(Compare compare, KeyValue key) {
        int order = switch (compare.getTarget()) {
            case CREATE -> Long.compare(key.getCreateRevision(), compare.getCreateRevision());
            case VERSION -> Long.compare(key.getVersion(), compare.getVersion());
            case VALUE -> ByteString.unsignedLexicographicalComparator().compare(key.getValue(), compare.getValue());
            default -> throw new AssertionError(compare);
        };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS -> order < 0;
            case GREATER -> order > 0;
            default -> throw new AssertionError(compare);
        };
    }

    private TxnResponse apply(TxnRequest txn, List<Boolean> branches) {
        boolean success = branches.remove(0);
        TxnResponse.Builder answer = TxnResponse.newBuilder()
                .setSucceeded(success)
                .setHeader(ResponseHeader.newBuilder().setRevision(revision));
        for (RequestOp operation : success ? txn.getSuccessList() : txn.getFailureList()) {
            ResponseOp.Builder part = answer.addResponsesBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_PUT -> put(operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> delete(operation.getRequestDeleteRange());
                case REQUEST_RANGE -> part.setResponseRange(read(operation.getRequestRange()));
                case REQUEST_TXN -> part.setResponseTxn(apply(operation.getRequestTxn(), branches));
                default -> throw new AssertionError(operation);
            }
        }
        return answer.build();
    }

    private void put(PutRequest put) {
        KeyValue before = keys.getOrDefault(put.getKey(), KeyValue.getDefaultInstance());
        keys.put(
                put.getKey(),
                KeyValue.newBuilder()
                        .setKey(put.getKey())
                        .setValue(put.getValue())
                        .setCreateRevision(before.getVersion() == 0 ? revision : before.getCreateRevision())
                        .setModRevision(revision)
                        .setVersion(before.getVersion() + 1)
                        .build());
    }

    private void delete(DeleteRangeRequest delete) {
        range(delete.getKey(), delete.getRangeEnd()).forEach(key -> keys.remove(key.getKey()));
    }

    synchronized RangeResponse read(RangeRequest read) {
        Comparator<KeyValue> created = Comparator.comparingLong(KeyValue::getCreateRevision);
        List<KeyValue> all = new ArrayList<>(range(read.getKey(), read.getRangeEnd()));
        all.removeIf(key -> key.getCreateRevision() < read.getMinCreateRevision()
                || (read.getMaxCreateRevision() > 0 && key.getCreateRevision() > read.getMaxCreateRevision()));
        if (read.getSortTarget() == RangeRequest.SortTarget.CREATE) {
            all.sort(read.getSortOrder() == RangeRequest.SortOrder.DESCEND ? created.reversed() : created);
        }
        long limit = read.getLimit() == 0 ? all.size() : Math.min(read.getLimit(), all.size());
        return RangeResponse.newBuilder()
                .addAllKvs(all.subList(0, (int) limit))
                .setMore(limit < all.size())
                .build();
    }

    private List<KeyValue> range(ByteString start, ByteString end) {
        if (end.isEmpty()) {
            return keys.containsKey(start) ? List.of(keys.get(start)) : List.of();
        }
        return List.copyOf(keys.subMap(start, end).values());
    }

    /** The longest list at each level counts, and what is nested gets what is left. */
    private static void requireWithinLimits(TxnRequest txn, int most) {
        int here = List.of(txn.getCompareCount(), txn.getSuccessCount(), txn.getFailureCount()).stream()
                .max(Comparator.naturalOrder())
                .orElseThrow();
        assertThat(here).as("operations at one level of a transaction").isLessThanOrEqualTo(most);
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            branch.stream()
                    .filter(RequestOp::hasRequestTxn)
                    .forEach(nested -> requireWithinLimits(nested.getRequestTxn(), most - here));
        }
    }

    private static void requirePutOnce(TxnRequest txn, Set<ByteString> seen) {
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            for (RequestOp operation : branch) {
                if (operation.hasRequestPut()) {
                    ByteString key = operation.getRequestPut().getKey();
                    assertThat(seen.add(key))
                            .as("%s is put once", key.toStringUtf8())
                            .isTrue();
                } else if (operation.hasRequestTxn()) {
                    requirePutOnce(operation.getRequestTxn(), seen);
                }
            }
        }
    }
}
