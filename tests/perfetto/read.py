"""Reads Perfetto traces with Perfetto's own message classes and says what is in them, as JSON.

Fails with what is wrong: fields that Perfetto does not know, events without a track or a name, slices that do not
nest, times that go back, flows that nothing continues.
"""

import collections
import json
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

EVENT = pb.TrackEvent


def unknown(message):
    """The numbers of fields that Perfetto does not have, at any depth."""
    from google.protobuf import unknown_fields

    found = [field.field_number for field in unknown_fields.UnknownFieldSet(message)]
    for field, value in message.ListFields():
        if field.message_type is not None:
            several = [value] if hasattr(value, "ListFields") else value
            for inner in several:
                found += unknown(inner)
    return found


class Texts:
    def __init__(self, trace):
        self.names, self.keys, self.values = {}, {}, {}
        for packet in trace.packet:
            data = packet.interned_data
            self.names.update((one.iid, one.name) for one in data.event_names)
            self.keys.update((one.iid, one.name) for one in data.debug_annotation_names)
            values = data.debug_annotation_string_values
            self.values.update((one.iid, one.str.decode()) for one in values)

    def note(self, note):
        kind = note.WhichOneof("value")
        value = getattr(note, kind)
        return self.keys[note.name_iid], self.values[value] if kind == "string_value_iid" else value


def tracks(trace):
    """Every track by its number, checked to hang together."""
    found = {}
    for packet in trace.packet:
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            assert track.uuid and track.uuid not in found, f"track {track.uuid} twice"
            assert track.name, f"track {track.uuid} has no name"
            assert track.child_ordering == pb.TrackDescriptor.EXPLICIT
            assert track.HasField("sibling_order_rank")
            if track.HasField("parent_uuid"):
                assert track.parent_uuid in found, f"{track.name}: its parent comes later"
            found[track.uuid] = track
    ranks = collections.Counter((t.parent_uuid, t.sibling_order_rank) for t in found.values())
    assert max(ranks.values()) == 1, "two siblings of one rank"
    return found


def path(known, uuid):
    """The names from the top down, without the top."""
    names = []
    while known[uuid].HasField("parent_uuid"):
        names.insert(0, known[uuid].name)
        uuid = known[uuid].parent_uuid
    return "/".join(names)


def read(file):
    with open(file, "rb") as raw:
        trace = pb.Trace.FromString(raw.read())
    wrong = unknown(trace)
    assert not wrong, f"fields that Perfetto does not know: {wrong}"
    first = trace.packet[0]
    assert first.sequence_flags & pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
    known, texts = tracks(trace), Texts(trace)
    open_slices, before = collections.defaultdict(list), 0
    slices, instants, counters = [], [], collections.defaultdict(list)
    flows = collections.defaultdict(list)
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id == 1
        if not packet.HasField("track_event"):
            continue
        event, at = packet.track_event, packet.timestamp
        assert packet.HasField("timestamp") and at >= before, f"{at} after {before}"
        assert packet.sequence_flags & pb.TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
        before = at
        assert event.track_uuid in known, f"track {event.track_uuid} is not described"
        track = known[event.track_uuid]
        counter = track.HasField("counter")
        assert counter == (event.type == EVENT.TYPE_COUNTER), f"{track.name} is of another kind"
        where = path(known, event.track_uuid)
        notes = dict(texts.note(note) for note in event.debug_annotations)
        if event.type == EVENT.TYPE_COUNTER:
            counters[where].append([at, event.counter_value])
        elif event.type == EVENT.TYPE_SLICE_END:
            assert open_slices[event.track_uuid], f"{where}: an end without a beginning"
            open_slices[event.track_uuid].pop()["to"] = at
        else:
            one = {"track": where, "name": texts.names[event.name_iid], "from": at, "notes": notes}
            if event.type == EVENT.TYPE_SLICE_BEGIN:
                assert not open_slices[event.track_uuid], f"{where}: slices overlap"
                open_slices[event.track_uuid].append(one)
                slices.append(one)
            else:
                assert event.type == EVENT.TYPE_INSTANT
                instants.append(one)
            for flow in event.flow_ids:
                flows[flow].append([where, one["name"], at, False])
            for flow in event.terminating_flow_ids:
                flows[flow].append([where, one["name"], at, True])
    left = [path(known, uuid) for uuid, some in open_slices.items() if some]
    assert not left, f"slices that never end: {left}"
    for flow, steps in flows.items():
        ends = [ended for *_, ended in steps]
        assert ends[-1] and not any(ends[:-1]), f"flow {flow} does not end once, at its end: {steps}"
    used = {event.track_event.track_uuid for event in trace.packet}
    parents = {track.parent_uuid for track in known.values()}
    empty = [path(known, uuid) for uuid in known if uuid not in used | parents]
    assert not empty, f"tracks without anything: {empty}"
    top = [track for track in known.values() if not track.HasField("parent_uuid")]
    assert len(top) == 1
    return {
        "name": top[0].name,
        "description": top[0].description,
        "tracks": list(dict.fromkeys(path(known, uuid) for uuid in known if known[uuid].parent_uuid)),
        "slices": slices,
        "instants": instants,
        "counters": counters,
        "flows": list(flows.values()),
    }


if __name__ == "__main__":
    for file in sys.argv[1:]:
        try:
            print(json.dumps(read(file)))
        except AssertionError as error:
            sys.exit(f"{file}: {error}")
