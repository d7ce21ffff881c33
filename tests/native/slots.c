/* The process table, and how a process waits. */
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
        for (int i = 0; i < d->dc[dc].u.dc_nr_tasks + d->dc[dc].u.dc_nr_procs; i++) {
            slot_t *s = &d->dc[dc].slot[i];
            if (!s->used || s->u.p_rts_flags & RTS_REMOTE) continue;
            if (s->u.p_lpid == tid) { *dcid = dc; return s; }
            if (s->u.p_lpid == pid) { main_thread = s; *dcid = dc; }
        }
    }
    return main_thread;
}

int is_system(driver_t *d, int dcid, const slot_t *s) { return s->u.p_nr + d->dc[dcid].u.dc_nr_tasks < d->dc[dcid].u.dc_nr_sysprocs; }

int is_receiving(const slot_t *s) { return (s->u.p_rts_flags & (RTS_SENDING | RTS_RECEIVING)) == RTS_RECEIVING; }

slot_t *slot_at(driver_t *d, int dcid, int link) { return link ? &d->dc[dcid].slot[link - 1] : NULL; }

int link_of(driver_t *d, int dcid, const slot_t *s) { return (int)(s - d->dc[dcid].slot) + 1; }

void slot_clear(driver_t *d, int dcid, slot_t *s)
{
    uint32_t futex = s->futex;
    int done = s->done, result = s->result;
    memset(s, 0, sizeof(*s));
    s->futex = futex;
    s->done = done;
    s->result = result;
    s->u.p_nr = (int)(s - d->dc[dcid].slot) - tasks_of(d, dcid);
    s->u.p_endpoint = NONE;
    s->u.p_dcid = dcid;
    s->u.p_rts_flags = RTS_SLOT_FREE;
    s->u.p_lpid = s->u.p_vpid = s->u.p_nodeid = s->u.p_proxy = -1;
    s->u.p_getfrom = s->u.p_sendto = s->u.p_waitmigr = s->u.p_waitunbind = NONE;
}

/* Out of the queue of senders it is in. */
void unqueue(driver_t *d, int dcid, slot_t *s)
{
    slot_t *at = slot_at(d, dcid, s->queued_at);
    if (!at) return;
    int self = link_of(d, dcid, s);
    int *link = &at->queue_head;
    while (*link && *link != self) link = &slot_at(d, dcid, *link)->queue_next;
    if (*link) *link = s->queue_next;
    s->queue_next = s->queued_at = 0;
}

/* The process waits no more, whatever for: nothing of its operation is left. */
void cancel_wait(driver_t *d, slot_t *s)
{
    int dcid = s->u.p_dcid;
    take_back(d, s);
    unqueue(d, dcid, s);
    if (s->wait == W_COPY) {
        s->u.p_rts_flags &= ~(unsigned long)RTS_ONCOPY;
        for (int i = 0; i < 2; i++) {
            slot_t *part = slot_at(d, dcid, s->part[i]);
            if (part && part->used) part->u.p_rts_flags &= ~(unsigned long)RTS_ONCOPY;
            s->part[i] = 0;
        }
    }
    s->u.p_rts_flags &= ~(unsigned long)(RTS_SENDING | RTS_RECEIVING | RTS_RMTOP);
    s->u.p_getfrom = s->u.p_sendto = NONE;
    s->wait = W_NONE;
}

/* Ends the wait of a process: its call returns the result. */
void finish(driver_t *d, slot_t *s, int result)
{
    if (s->wait == W_NONE) return;
    cancel_wait(d, s);
    s->result = result;
    s->done = 1;
    wake(&s->futex);
}

int begin_wait(slot_t *s, int wait)
{
    s->done = s->result = 0;
    s->wait = wait;
    return 0;
}

/* Sleeps until somebody finishes the wait. */
int wait_done(driver_t *d, slot_t *s, long timeout)
{
    int failed = sleep_on(d, &s->futex, &s->done, deadline_of(timeout));
    if (!failed) return s->result;
    cancel_wait(d, s);
    return failed;
}

static void fail_callers(driver_t *d, int dcid, slot_t *s, int endpoint)
{
    while (s->queue_head) {
        slot_t *caller = slot_at(d, dcid, s->queue_head);
        unqueue(d, dcid, caller);
        if (caller->u.p_rts_flags & RTS_REMOTE) { settle(caller); answer_send(d, dcid, caller, endpoint, EDVSDSTDIED); }
        else finish(d, caller, EDVSDSTDIED);
    }
}

static void fail_if_waiting_for(driver_t *d, int dcid, slot_t *other, int gone)
{
    if (other->u.p_rts_flags & RTS_REMOTE) {
        if (!(other->u.p_rts_flags & RTS_RECEIVING) || other->u.p_getfrom != gone) return;
        settle(other);
        answer_send(d, dcid, other, gone, EDVSSRCDIED);
    } else if (other->wait == W_COPY) {
        if (other->request.c_vcopy.v_src == gone) finish(d, other, EDVSSRCDIED);
        else if (other->request.c_vcopy.v_dst == gone) finish(d, other, EDVSDSTDIED);
    } else if (other->u.p_rts_flags & RTS_SENDING && other->u.p_sendto == gone) finish(d, other, EDVSDSTDIED);
    else if (other->u.p_rts_flags & RTS_RECEIVING && other->u.p_getfrom == gone) finish(d, other, EDVSSRCDIED);
}

/* A process goes: whoever has to do with it learns of it. */
void slot_release(driver_t *d, int dcid, slot_t *s)
{
    int endpoint = s->u.p_endpoint, index = link_of(d, dcid, s) - 1;
    finish(d, s, EDVSNOTBIND);
    unqueue(d, dcid, s);
    fail_callers(d, dcid, s, endpoint);
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *other = &d->dc[dcid].slot[i];
        if (!other->used || other == s) continue;
        other->pending[index / 64] &= ~(1ULL << index % 64);
        fail_if_waiting_for(d, dcid, other, endpoint);
    }
    slot_clear(d, dcid, s);
    wake(&d->bind_futex);
}
