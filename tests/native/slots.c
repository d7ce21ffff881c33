/* The process table. */
#include <string.h>
#include "dvk_standin.h"

static int tasks_of(driver_t *d, int dcid) { return d->dc[dcid].u.dc_nr_tasks; }

int in_range(driver_t *d, int dcid, int nr) { return nr >= -tasks_of(d, dcid) && nr < d->dc[dcid].u.dc_nr_procs; }

/* endpoint = generation * (tasks + SELF + 1) + nr, where nr runs from -tasks. */
int number_of(driver_t *d, int endpoint)
{
    int tasks = d->dvs.d_nr_tasks, step = tasks + SELF + 1;
    if (endpoint < -tasks) return endpoint;
    return (endpoint + tasks) % step - tasks;
}

slot_t *slot_by_number(driver_t *d, int dcid, int nr)
{
    return in_range(d, dcid, nr) ? &d->dc[dcid].slot[nr + tasks_of(d, dcid)] : NULL;
}

/* The slot of an endpoint, whoever is in it. */
slot_t *slot_by_endpoint(driver_t *d, int dcid, int endpoint) { return slot_by_number(d, dcid, number_of(d, endpoint)); }

slot_t *slot_of_thread(driver_t *d, pid_t tid, pid_t pid, int *dcid)
{
    slot_t *main_thread = NULL;
    for (int dc = 0; dc < MAX_DCS; dc++) {
        if (!d->dc[dc].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dc].slot[i];
            if (!s->used || s->u.p_rts_flags & RTS_REMOTE) continue;
            if (s->u.p_lpid == tid) { *dcid = dc; return s; }
            if (s->u.p_lpid == pid) { main_thread = s; *dcid = dc; }
        }
    }
    return main_thread;
}

int is_system(driver_t *d, int dcid, const slot_t *s) { return s->u.p_nr + d->dc[dcid].u.dc_nr_tasks < d->dc[dcid].u.dc_nr_sysprocs; }

void slot_clear(driver_t *d, int dcid, slot_t *s)
{
    uint32_t futex = s->futex;
    memset(s, 0, sizeof(*s));
    s->futex = futex;
    s->u.p_nr = (int)(s - d->dc[dcid].slot) - tasks_of(d, dcid);
    s->u.p_endpoint = NONE;
    s->u.p_dcid = dcid;
    s->u.p_rts_flags = RTS_SLOT_FREE;
    s->u.p_lpid = s->u.p_vpid = s->u.p_nodeid = s->u.p_proxy = -1;
    s->u.p_getfrom = s->u.p_sendto = s->u.p_waitmigr = s->u.p_waitunbind = NONE;
    s->awaiting = NONE;
}

/* Ends the wait of a process: its call returns the result. */
void finish(slot_t *s, int result)
{
    s->u.p_rts_flags &= RTS_REMOTE;
    s->u.p_getfrom = s->u.p_sendto = NONE;
    s->awaiting = NONE;
    s->expect_ack = 0;
    s->result = result;
    s->done = 1;
    wake(&s->futex);
}

static void leave_queues(driver_t *d, int dcid, slot_t *s)
{
    int self = (int)(s - d->dc[dcid].slot) + 1;
    for (int i = 0; i < MAX_SLOTS; i++) {
        int *link = &d->dc[dcid].slot[i].queue_head;
        while (*link && *link != self) link = &d->dc[dcid].slot[*link - 1].queue_next;
        if (*link) *link = s->queue_next;
    }
    s->queue_next = 0;
}

/* A process goes: whoever has to do with it learns of it. */
void slot_release(driver_t *d, int dcid, slot_t *s, int result_for_others)
{
    int endpoint = s->u.p_endpoint;
    cancel_command(d, s);
    leave_queues(d, dcid, s);
    while (s->queue_head) {
        slot_t *waiting = &d->dc[dcid].slot[s->queue_head - 1];
        s->queue_head = waiting->queue_next;
        waiting->queue_next = 0;
        if (waiting->u.p_rts_flags & RTS_REMOTE) {
            cmd_t ack = command(d, CMD_SEND_ACK, dcid, endpoint, waiting->u.p_endpoint, waiting->u.p_nodeid);
            ack.c_rcode = EDVSDSTDIED;
            waiting->u.p_rts_flags = RTS_REMOTE;
            queue_command(d, &ack, -1);
        } else finish(waiting, EDVSDSTDIED);
    }
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *other = &d->dc[dcid].slot[i];
        if (other != s && other->used && !(other->u.p_rts_flags & RTS_REMOTE)
            && ((other->u.p_rts_flags & RTS_RECEIVING && other->u.p_getfrom == endpoint) || other->awaiting == endpoint)) {
            cancel_command(d, other);
            finish(other, result_for_others);
        }
    }
    if (!(s->u.p_rts_flags & RTS_REMOTE) && s->u.p_rts_flags) finish(s, EDVSNOTBIND);
    int done = s->done, result = s->result;
    slot_clear(d, dcid, s);
    s->done = done;
    s->result = result;
    wake(&d->bind_futex);
}
