/* The process table, how a process waits, and what goes with it. */
#include <string.h>
#include "dvk_standin.h"

static int tasks_of(driver_t *d, int dcid) { return d->dc[dcid].u.dc_nr_tasks; }

int valid_node(driver_t *d, int nodeid) { return nodeid >= 0 && nodeid < d->dvs.d_nr_nodes; }

/* Whether the DC runs: 0, or the error. */
int find_dc(driver_t *d, int dcid)
{
    if (dcid < 0 || dcid >= d->dvs.d_nr_dcs) return EDVSBADDCID;
    return d->dc[dcid].running ? 0 : EDVSDCNOTRUN;
}

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

/* What a thread is bound to, at last; one that is not stands for its process's main thread, where that is given. */
slot_t *slot_of_thread(driver_t *d, pid_t tid, pid_t pid, int *dcid)
{
    slot_t *own = NULL, *main_thread = NULL;
    for (int dc = 0; dc < MAX_DCS; dc++) {
        if (!d->dc[dc].running) continue;
        for (int i = 0; i < d->dc[dc].u.dc_nr_tasks + d->dc[dc].u.dc_nr_procs; i++) {
            slot_t *s = &d->dc[dc].slot[i];
            if (!s->used || s->u.p_rts_flags & RTS_REMOTE) continue;
            if (s->ending) continue;
            if (s->u.p_lpid == tid && (!own || s->bound_at > own->bound_at)) { own = s; *dcid = dc; }
            if (s->u.p_lpid == pid && !own && (!main_thread || s->bound_at > main_thread->bound_at)) { main_thread = s; *dcid = dc; }
        }
    }
    return own ? own : main_thread;
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
    s->u.p_endpoint = s->u.p_nr;
    s->u.p_dcid = dcid;
    s->u.p_rts_flags = RTS_SLOT_FREE;
    s->u.p_lpid = s->u.p_vpid = s->u.p_nodeid = -1;
    s->u.p_getfrom = s->u.p_sendto = s->u.p_waitmigr = s->u.p_waitunbind = s->u.p_proxy = NONE;
    strcpy(s->u.p_name, "$noname");
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
    /* The driver leaves the partner of a message to another node in p_getfrom. */
    int keeps_partner = s->remote && (s->wait == W_SEND || s->wait == W_REPLY || s->wait == W_NOTIFY);
    s->u.p_rts_flags &= ~(unsigned long)(RTS_SENDING | RTS_RECEIVING | RTS_RMTOP);
    s->u.p_misc_flags &= ~(unsigned long)MISC_SENDREC;
    s->u.p_sendto = NONE;
    if (!keeps_partner) s->u.p_getfrom = NONE;
    s->remote = 0;
    s->wait = W_NONE;
}

/* A message counts when it was received or acknowledged, a request when it was answered. One notification of another node counts twice: when
 * it is fetched, and when its notifier goes on. */
static void count_message(slot_t *s)
{
    if (s->wait == W_RECEIVE || s->wait == W_COPY) return;
    if (s->remote) s->u.p_rmtsent += s->wait == W_NOTIFY ? 2 : 1;
    else s->u.p_lclsent++;
}

/* Ends the wait of a process: its call returns the result. */
void finish(driver_t *d, slot_t *s, int result)
{
    if (s->wait == W_NONE) return;
    if (!result) count_message(s);
    cancel_wait(d, s);
    if (result == EDVSNOTCONN) s->u.p_getfrom = NONE;
    s->result = result;
    s->done = 1;
    wake(&s->futex);
    if (s->ending) slot_release(d, s->u.p_dcid, s);
}

void begin_wait(slot_t *s, int wait)
{
    s->done = s->result = 0;
    s->wait = wait;
    if (wait == W_SENDREC && !s->ending) s->u.p_misc_flags |= MISC_SENDREC;
}

/* Sleeps until somebody finishes the wait. */
int wait_done(driver_t *d, slot_t *s, long timeout)
{
    int failed = timeout ? sleep_on(d, &s->futex, &s->done, deadline_of(timeout)) : EDVSAGAIN;
    if (!failed) return s->result;
    cancel_wait(d, s);
    return failed;
}

/* The driver has a number of its own for a request. */
static int failure_of(const slot_t *s, int error) { return s->wait == W_SENDREC ? EDVSDEADSRCDST : error; }

static void fail_callers(driver_t *d, int dcid, slot_t *s, int endpoint)
{
    while (s->queue_head) {
        slot_t *caller = slot_at(d, dcid, s->queue_head);
        unqueue(d, dcid, caller);
        if (caller->u.p_rts_flags & RTS_REMOTE) { settle(caller); answer_send(d, dcid, caller, endpoint, EDVSDSTDIED); }
        else finish(d, caller, failure_of(caller, EDVSDSTDIED));
    }
}

static void fail_if_waiting_for(driver_t *d, int dcid, slot_t *other, int gone)
{
    if (other->u.p_rts_flags & RTS_REMOTE) {
        if (!(other->u.p_rts_flags & RTS_RECEIVING) || other->u.p_getfrom != gone) return;
        settle(other);
        answer_send(d, dcid, other, gone, EDVSDEADSRCDST);
    } else if (other->wait == W_COPY) {
        if (other->request.c_vcopy.v_src == gone) finish(d, other, EDVSSRCDIED);
        else if (other->request.c_vcopy.v_dst == gone) finish(d, other, EDVSDSTDIED);
    } else if (other->u.p_rts_flags & RTS_SENDING && other->u.p_sendto == gone) finish(d, other, failure_of(other, EDVSDSTDIED));
    else if (other->u.p_rts_flags & RTS_RECEIVING && other->u.p_getfrom == gone) finish(d, other, failure_of(other, EDVSSRCDIED));
}

/* A process goes: whoever has to do with it learns of it. */
void slot_release(driver_t *d, int dcid, slot_t *s)
{
    int endpoint = s->u.p_endpoint, index = link_of(d, dcid, s) - 1;
    s->ending = 0;
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
