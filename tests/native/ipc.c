/* Messages between processes of this node, and to those of others. */
#include <string.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

#define CALLER(name, dc) \
    int dc; \
    slot_t *name = slot_of_thread(c->d, c->tid, c->pid, &dc); \
    if (!name) return EDVSNOTBIND;

static int index_of(driver_t *d, int dcid, slot_t *s) { return (int)(s - d->dc[dcid].slot); }

static int accepts(const slot_t *to, const slot_t *from, int wants_reply)
{
    if (!(to->u.p_rts_flags & RTS_RECEIVING) || to->wants_reply) return 0;
    if (to->only_requests && !wants_reply) return 0;
    return to->u.p_getfrom == ANY || to->u.p_getfrom == from->u.p_endpoint;
}

static void queue_acknowledgement(driver_t *d, int dcid, slot_t *by, slot_t *remote, int result)
{
    cmd_t ack = command(d, CMD_SEND_ACK, dcid, by->u.p_endpoint, remote->u.p_endpoint, remote->u.p_nodeid);
    ack.c_rcode = result;
    queue_command(d, &ack, -1);
}

/* The message of a sender has been taken: what becomes of the sender. */
static void sender_taken(driver_t *d, int dcid, slot_t *from, slot_t *to, int wants_reply)
{
    if (wants_reply) {
        from->u.p_rts_flags = (from->u.p_rts_flags & RTS_REMOTE) | RTS_RECEIVING;
        from->u.p_getfrom = to->u.p_endpoint;
        from->u.p_sendto = NONE;
        from->wants_reply = 1;
    } else if (from->u.p_rts_flags & RTS_REMOTE) {
        from->u.p_rts_flags = RTS_REMOTE;
        from->u.p_sendto = NONE;
        queue_acknowledgement(d, dcid, to, from, 0);
    } else if (from->u.p_rts_flags) finish(from, 0);
}

/* Hands a message to a waiting process, or queues its sender there. */
int deliver_message(driver_t *d, int dcid, slot_t *from, slot_t *to, int wants_reply)
{
    from->wants_reply = wants_reply;
    if (accepts(to, from, wants_reply)) {
        to->msg = from->msg;
        finish(to, 0);
        sender_taken(d, dcid, from, to, wants_reply);
        return 0;
    }
    from->u.p_rts_flags |= RTS_SENDING;
    from->u.p_sendto = to->u.p_endpoint;
    from->queue_next = 0;
    int *link = &to->queue_head;
    while (*link) link = &d->dc[dcid].slot[*link - 1].queue_next;
    *link = index_of(d, dcid, from) + 1;
    return 0;
}

static message notification(slot_t *from, int value)
{
    message m;
    memset(&m, 0, sizeof(m));
    m.m_source = from->u.p_endpoint;
    m.m_type = NOTIFY_BASE + from->u.p_nr;
    m.m_u.m_m9.m9l1 = value;
    clock_gettime(CLOCK_REALTIME, &m.m_u.m_m9.m9t1);
    return m;
}

int deliver_notify(driver_t *d, int dcid, slot_t *from, slot_t *to, int value)
{
    if (accepts(to, from, 1) && !to->only_requests) {
        to->msg = notification(from, value);
        finish(to, 0);
        return 0;
    }
    int index = index_of(d, dcid, from);
    to->pending[index / 64] |= 1ULL << index % 64;
    to->pending_value = value;
    to->u.p_misc_flags |= MISC_NOTIFY;
    return 0;
}

static int take_pending(driver_t *d, int dcid, slot_t *me, int from)
{
    for (int i = 0; i < MAX_SLOTS; i++) {
        if (!(me->pending[i / 64] & 1ULL << i % 64)) continue;
        slot_t *s = &d->dc[dcid].slot[i];
        if (from != ANY && s->u.p_endpoint != from) continue;
        me->pending[i / 64] &= ~(1ULL << i % 64);
        if (s->used) { me->msg = notification(s, me->pending_value); }
        int left = 0;
        for (int word = 0; word < MAX_SLOTS / 64; word++) left |= me->pending[word] != 0;
        if (!left) me->u.p_misc_flags &= ~(unsigned long)MISC_NOTIFY;
        if (s->used) return 1;
    }
    return 0;
}

static int take_queued(driver_t *d, int dcid, slot_t *me, int from, int only_requests)
{
    for (int *link = &me->queue_head; *link; link = &d->dc[dcid].slot[*link - 1].queue_next) {
        slot_t *s = &d->dc[dcid].slot[*link - 1];
        if ((from != ANY && s->u.p_endpoint != from) || (only_requests && !s->wants_reply)) continue;
        *link = s->queue_next;
        s->queue_next = 0;
        me->msg = s->msg;
        sender_taken(d, dcid, s, me, s->wants_reply);
        return 1;
    }
    return 0;
}

static void unqueue(driver_t *d, int dcid, slot_t *s)
{
    for (int i = 0; i < MAX_SLOTS; i++) {
        int *link = &d->dc[dcid].slot[i].queue_head;
        while (*link && *link != index_of(d, dcid, s) + 1) link = &d->dc[dcid].slot[*link - 1].queue_next;
        if (*link) *link = s->queue_next;
    }
    s->queue_next = 0;
}

/* Waits for the end of the caller's operation. */
static int wait_done(driver_t *d, int dcid, slot_t *me, long timeout)
{
    int result = timeout == 0 && !me->done ? EDVSTIMEDOUT : sleep_on(d, &me->futex, &me->done, deadline_of(timeout));
    if (result == 0) return me->result;
    cancel_command(d, me);
    unqueue(d, dcid, me);
    me->u.p_rts_flags &= RTS_REMOTE;
    me->u.p_getfrom = me->u.p_sendto = NONE;
    me->awaiting = NONE;
    me->expect_ack = 0;
    return result;
}

static void begin(slot_t *me)
{
    me->done = me->result = 0;
    me->wants_reply = me->only_requests = 0;
}

static int find_target(driver_t *d, int dcid, slot_t *me, int endpoint, int dead, slot_t **target)
{
    if (endpoint == ANY || endpoint == NONE || endpoint == SELF || endpoint == me->u.p_endpoint) return EDVSBADDEST;
    slot_t *s = slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (!s->used) return dead;
    if (s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    if (!is_system(d, dcid, me) && !is_system(d, dcid, s)) return EDVSTRAPDENIED;
    *target = s;
    if (!(s->u.p_rts_flags & RTS_REMOTE)) return 0;
    if (!(d->dc[dcid].u.dc_nodes & 1UL << s->u.p_nodeid)) return EDVSNODCNODE;
    return pair_ready(d, s->u.p_nodeid);
}

static int start_remote(driver_t *d, int dcid, slot_t *me, slot_t *to, int code, int expect)
{
    cmd_t cmd = command(d, code, dcid, me->u.p_endpoint, to->u.p_endpoint, to->u.p_nodeid);
    cmd.c_msg = me->msg;
    cmd.c_pid = me->u.p_lpid;
    int failed = queue_command(d, &cmd, index_of(d, dcid, me));
    if (failed) return failed;
    me->awaiting = to->u.p_endpoint;
    me->expect_ack = expect;
    me->u.p_rts_flags |= RTS_RMTOP;
    me->u.p_sendto = to->u.p_endpoint;
    return 0;
}

int call_send(call_t *c, void *arg, int wants_reply)
{
    driver_t *d = c->d;
    TAKE(parm_ipc_t, parm)
    CALLER(me, dcid)
    slot_t *to;
    message msg;
    int failed = check_timeout(parm.parm_tout, wants_reply ? "sendrec" : "send");
    if (failed || (failed = take(parm.parm_mptr, &msg, sizeof(msg), _Alignof(message), "message"))) return failed;
    if ((failed = find_target(d, dcid, me, parm.parm_ep, wants_reply ? EDVSDEADSRCDST : EDVSDSTDIED, &to))) return failed;
    begin(me);
    me->msg = msg;
    me->msg.m_source = me->u.p_endpoint;
    if (to->u.p_rts_flags & RTS_REMOTE) {
        me->u.p_rmtsent++;
        if ((failed = start_remote(d, dcid, me, to, wants_reply ? CMD_SNDREC_MSG : CMD_SEND_MSG, wants_reply ? CMD_SNDREC_ACK : CMD_SEND_ACK)))
            return failed;
        if (wants_reply) {
            me->wants_reply = 1;
            me->u.p_rts_flags |= RTS_RECEIVING;
            me->u.p_getfrom = to->u.p_endpoint;
        }
    } else {
        if (wants_reply && to->u.p_rts_flags & RTS_SENDING && to->u.p_sendto == me->u.p_endpoint && to->wants_reply) return EDVSLOCKED;
        me->u.p_lclsent++;
        deliver_message(d, dcid, me, to, wants_reply);
        if (!wants_reply && !me->u.p_rts_flags) return 0;
    }
    failed = wait_done(d, dcid, me, parm.parm_tout);
    if (failed || !wants_reply) return failed;
    return give(parm.parm_mptr, &me->msg, sizeof(message), _Alignof(message), "message of sendrec");
}

static int receive(call_t *c, int from, message *to, long timeout, int only_requests)
{
    driver_t *d = c->d;
    CALLER(me, dcid)
    int failed = check_timeout(timeout, "receive");
    if (failed || (failed = touch_writable(to, sizeof(message), "message of receive"))) return failed;
    if (from != ANY) {
        slot_t *s = slot_by_endpoint(d, dcid, from);
        if (!s) return EDVSRANGE;
        if (!s->used) return EDVSSRCDIED;
        if (s->u.p_endpoint != from) return EDVSENDPOINT;
    }
    begin(me);
    if (!((!only_requests && take_pending(d, dcid, me, from)) || take_queued(d, dcid, me, from, only_requests))) {
        me->u.p_rts_flags |= RTS_RECEIVING;
        me->u.p_getfrom = from;
        me->only_requests = only_requests;
        if ((failed = wait_done(d, dcid, me, timeout))) return failed;
    }
    return give(to, &me->msg, sizeof(message), _Alignof(message), "message of receive");
}

int call_receive(call_t *c, void *arg)
{
    TAKE(parm_ipc_t, parm)
    return receive(c, parm.parm_ep, parm.parm_mptr, parm.parm_tout, 0);
}

int call_rcvrqst(call_t *c, void *arg)
{
    TAKE(parm_rcvrqst_t, parm)
    return receive(c, ANY, parm.parm_mptr, parm.parm_tout, 1);
}

int call_reply(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_ipc_t, parm)
    CALLER(me, dcid)
    slot_t *to;
    message msg;
    int failed = check_timeout(parm.parm_tout, "reply");
    if (failed || (failed = take(parm.parm_mptr, &msg, sizeof(msg), _Alignof(message), "message of reply"))) return failed;
    if ((failed = find_target(d, dcid, me, parm.parm_ep, EDVSDSTDIED, &to))) return failed;
    if (!(to->u.p_rts_flags & RTS_RECEIVING) || !to->wants_reply || to->u.p_getfrom != me->u.p_endpoint) return EDVSPROCSTS;
    begin(me);
    me->msg = msg;
    me->msg.m_source = me->u.p_endpoint;
    if (to->u.p_rts_flags & RTS_REMOTE) {
        to->u.p_rts_flags = RTS_REMOTE;
        to->u.p_getfrom = NONE;
        to->wants_reply = 0;
        me->u.p_rmtsent++;
        failed = start_remote(d, dcid, me, to, CMD_REPLY_MSG, CMD_SEND_ACK);
        return failed ? failed : wait_done(d, dcid, me, parm.parm_tout);
    }
    me->u.p_lclsent++;
    to->msg = me->msg;
    finish(to, 0);
    return 0;
}

int call_notify(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_notify_t, parm)
    CALLER(me, dcid)
    slot_t *to, *from = me;
    if (parm.parm_nr != SELF && parm.parm_nr != me->u.p_nr) {
        from = slot_by_number(d, dcid, parm.parm_nr);
        if (!from) return EDVSRANGE;
        if (!from->used) return EDVSNOTBIND;
    }
    int failed = find_target(d, dcid, me, parm.parm_ep, EDVSDSTDIED, &to);
    if (failed) return failed;
    if (!(to->u.p_rts_flags & RTS_REMOTE)) return deliver_notify(d, dcid, from, to, parm.parm_val);
    begin(me);
    memset(&me->msg, 0, sizeof(message));
    failed = start_remote(d, dcid, me, to, CMD_NTFY_MSG, 0);
    if (failed) return failed;
    d->op[me->op - 1].cmd.c_src = from->u.p_endpoint;
    d->op[me->op - 1].cmd.c_rcode = parm.parm_val;
    d->op[me->op - 1].cmd.c_msg = notification(from, parm.parm_val);
    return wait_done(d, dcid, me, -1);
}

int call_wakeup(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_wakeup_t, parm)
    if (parm.parm_dcid < 0 || parm.parm_dcid >= d->dvs.d_nr_dcs) return EDVSBADDCID;
    if (!d->dc[parm.parm_dcid].running) return EDVSDCNOTRUN;
    slot_t *s = slot_by_endpoint(d, parm.parm_dcid, parm.parm_ep);
    if (!s) return EDVSRANGE;
    if (!s->used) return EDVSNOTBIND;
    if (s->u.p_endpoint != parm.parm_ep) return EDVSENDPOINT;
    if (s->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    if (!s->u.p_rts_flags) return EDVSPROCSTS;
    cancel_command(d, s);
    unqueue(d, parm.parm_dcid, s);
    finish(s, EDVSWOKENUP);
    return 0;
}
