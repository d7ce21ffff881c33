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

/* Whether a process waits for a message from there. One in sendrec also takes an ordinary message of its partner for the answer. */
int accepts(const slot_t *to, int from, int is_request)
{
    return is_receiving(to) && (to->u.p_getfrom == from || to->u.p_getfrom == ANY) && (to->wait != W_RCVRQST || is_request);
}

static int awaits_reply_of(const slot_t *to, int from) { return is_receiving(to) && to->u.p_getfrom == from; }

void deliver(driver_t *d, slot_t *to, int from, const message *m)
{
    to->msg = *m;
    to->msg.m_source = from;
    finish(d, to, 0);
}

/* A remote process that speaks again, or is answered, waits for nothing it asked before. */
void settle(slot_t *remote)
{
    remote->u.p_rts_flags = RTS_REMOTE;
    remote->u.p_getfrom = remote->u.p_sendto = NONE;
}

void queue_at(driver_t *d, int dcid, slot_t *to, slot_t *from, int is_request)
{
    from->outgoing_request = is_request;
    from->u.p_rts_flags |= RTS_SENDING;
    from->u.p_sendto = to->u.p_endpoint;
    from->queued_at = link_of(d, dcid, to);
    from->queue_next = 0;
    int *link = &to->queue_head;
    while (*link) link = &slot_at(d, dcid, *link)->queue_next;
    *link = link_of(d, dcid, from);
}

static int find_destination(driver_t *d, int dcid, slot_t *me, int endpoint, int dead, slot_t **to)
{
    if (endpoint == ANY || endpoint == NONE || endpoint == SELF || endpoint == me->u.p_endpoint) return EDVSBADDEST;
    slot_t *s = slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (!s->used) return dead;
    if (s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    *to = s;
    return is_system(d, dcid, me) || is_system(d, dcid, s) ? 0 : EDVSTRAPDENIED;
}

/* A ring of senders that comes back to the caller would never dissolve. */
static int would_deadlock(driver_t *d, int dcid, slot_t *me, slot_t *to)
{
    slot_t *s = to;
    for (int steps = MAX_SLOTS; steps > 0 && s && s->used; steps--) {
        if (s->u.p_rts_flags & RTS_REMOTE || !(s->u.p_rts_flags & RTS_SENDING)) return 0;
        s = slot_by_endpoint(d, dcid, s->u.p_sendto);
        if (s == me) return 1;
    }
    return 0;
}

static void await_reply(slot_t *me, int endpoint)
{
    me->u.p_rts_flags |= RTS_RECEIVING;
    me->u.p_getfrom = endpoint;
}

static int send_remote(driver_t *d, int dcid, slot_t *me, slot_t *to, int wait, long timeout)
{
    int code = wait == W_SENDREC ? CMD_SNDREC_MSG : wait == W_REPLY ? CMD_REPLY_MSG : CMD_SEND_MSG;
    int px = route(d, dcid, to->u.p_nodeid);
    if (px < 0) return px;
    if (timeout == 0) return EDVSTIMEDOUT;
    if (awaits_reply_of(to, me->u.p_endpoint)) settle(to);
    me->request = command(d, code, dcid, me->u.p_endpoint, to->u.p_endpoint, to->u.p_nodeid);
    me->request.c_msg = me->msg;
    begin_wait(me, wait);
    me->u.p_rts_flags |= RTS_SENDING;
    me->u.p_sendto = to->u.p_endpoint;
    if (wait == W_SENDREC) await_reply(me, to->u.p_endpoint);
    int failed = queue_request(d, dcid, me);
    if (failed) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, timeout);
}

static int send_local(driver_t *d, int dcid, slot_t *me, slot_t *to, int wait, long timeout)
{
    int is_request = wait == W_SENDREC, accepted = accepts(to, me->u.p_endpoint, is_request);
    if (is_request && timeout == 0) return EDVSTIMEDOUT;
    if (!accepted && would_deadlock(d, dcid, me, to)) return EDVSLOCKED;
    me->u.p_lclsent++;
    if (accepted && !is_request) { deliver(d, to, me->u.p_endpoint, &me->msg); return 0; }
    if (!accepted && timeout == 0) return EDVSTIMEDOUT;
    begin_wait(me, wait);
    if (accepted) deliver(d, to, me->u.p_endpoint, &me->msg);
    else queue_at(d, dcid, to, me, is_request);
    if (is_request) await_reply(me, to->u.p_endpoint);
    return wait_done(d, me, timeout);
}

int call_send(call_t *c, void *arg, int wants_reply)
{
    driver_t *d = c->d;
    TAKE(parm_ipc_t, parm)
    slot_t *to;
    message msg;
    int failed = check_timeout(parm.parm_tout, wants_reply ? "sendrec" : "send");
    if (failed || (failed = take(parm.parm_mptr, &msg, sizeof(msg), _Alignof(message), "message"))) return failed;
    CALLER(me, dcid)
    if ((failed = find_destination(d, dcid, me, parm.parm_ep, wants_reply ? EDVSDEADSRCDST : EDVSDSTDIED, &to))) return failed;
    me->msg = msg;
    me->msg.m_source = me->u.p_endpoint;
    int wait = wants_reply ? W_SENDREC : W_SEND;
    failed = to->u.p_rts_flags & RTS_REMOTE ? send_remote(d, dcid, me, to, wait, parm.parm_tout) : send_local(d, dcid, me, to, wait, parm.parm_tout);
    if (failed || !wants_reply) return failed;
    return give(parm.parm_mptr, &me->msg, sizeof(message), _Alignof(message), "message of sendrec");
}

int call_reply(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_ipc_t, parm)
    slot_t *to;
    message msg;
    int failed = check_timeout(parm.parm_tout, "reply");
    if (failed || (failed = take(parm.parm_mptr, &msg, sizeof(msg), _Alignof(message), "message of reply"))) return failed;
    CALLER(me, dcid)
    if ((failed = find_destination(d, dcid, me, parm.parm_ep, EDVSDSTDIED, &to))) return failed;
    if (!awaits_reply_of(to, me->u.p_endpoint)) return EDVSPROCSTS;
    me->msg = msg;
    me->msg.m_source = me->u.p_endpoint;
    if (to->u.p_rts_flags & RTS_REMOTE) return send_remote(d, dcid, me, to, W_REPLY, parm.parm_tout);
    me->u.p_lclsent++;
    deliver(d, to, me->u.p_endpoint, &me->msg);
    return 0;
}

/* M9: i1 the notifier's number, l1 the update bits that came so far. */
static message notification(slot_t *from, slot_t *to)
{
    message m;
    memset(&m, 0, sizeof(m));
    m.m_source = from->u.p_endpoint;
    m.m_type = NOTIFY_BASE + from->u.p_nr;
    m.m_u.m_m9.m9i1 = from->u.p_nr;
    m.m_u.m_m9.m9l1 = (int)to->update_bits;
    clock_gettime(CLOCK_REALTIME, &m.m_u.m_m9.m9t1);
    to->update_bits = 0;
    return m;
}

void post_notification(driver_t *d, int dcid, slot_t *from, slot_t *to, int value)
{
    if (value >= 0 && value < 32) to->update_bits |= 1U << value;
    if (accepts(to, from->u.p_endpoint, 0)) {
        message m = notification(from, to);
        deliver(d, to, from->u.p_endpoint, &m);
        return;
    }
    int index = link_of(d, dcid, from) - 1;
    to->pending[index / 64] |= 1ULL << index % 64;
    to->u.p_misc_flags |= MISC_NOTIFY;
}

static int take_pending(driver_t *d, int dcid, slot_t *me, int from)
{
    int found = 0;
    for (int i = 0; i < MAX_SLOTS && !found; i++) {
        slot_t *s = &d->dc[dcid].slot[i];
        if (!(me->pending[i / 64] & 1ULL << i % 64) || (from != ANY && s->u.p_endpoint != from)) continue;
        me->pending[i / 64] &= ~(1ULL << i % 64);
        me->msg = notification(s, me);
        found = 1;
    }
    int left = 0;
    for (int word = 0; word < MAX_SLOTS / 64; word++) left |= me->pending[word] != 0;
    if (!left) me->u.p_misc_flags &= ~(unsigned long)MISC_NOTIFY;
    return found;
}

static int take_queued(driver_t *d, int dcid, slot_t *me, int from, int only_requests)
{
    for (int link = me->queue_head; link; link = slot_at(d, dcid, link)->queue_next) {
        slot_t *s = slot_at(d, dcid, link);
        if ((from != ANY && s->u.p_endpoint != from) || (only_requests && !s->outgoing_request)) continue;
        me->msg = s->msg;
        me->msg.m_source = s->u.p_endpoint;
        unqueue(d, dcid, s);
        s->u.p_rts_flags &= ~(unsigned long)RTS_SENDING;
        s->u.p_sendto = NONE;
        if (s->outgoing_request) await_reply(s, me->u.p_endpoint);
        else if (s->u.p_rts_flags & RTS_REMOTE) answer_send(d, dcid, s, me->u.p_endpoint, 0);
        else finish(d, s, 0);
        return 1;
    }
    return 0;
}

static int check_source(driver_t *d, int dcid, slot_t *me, int from)
{
    if (from == ANY) return 0;
    if (from == NONE || from == SELF || from == me->u.p_endpoint) return EDVSBADSRCDST;
    slot_t *s = slot_by_endpoint(d, dcid, from);
    if (!s) return EDVSRANGE;
    if (!s->used) return EDVSSRCDIED;
    return s->u.p_endpoint == from ? 0 : EDVSENDPOINT;
}

static int receive(call_t *c, int from, message *to, long timeout, int only_requests)
{
    driver_t *d = c->d;
    int failed = check_timeout(timeout, "receive");
    if (failed || (failed = touch_writable(to, sizeof(message), "message of receive"))) return failed;
    CALLER(me, dcid)
    if ((failed = check_source(d, dcid, me, from))) return failed;
    if (!(!only_requests && take_pending(d, dcid, me, from)) && !take_queued(d, dcid, me, from, only_requests)) {
        if (timeout == 0) return EDVSTIMEDOUT;
        begin_wait(me, only_requests ? W_RCVRQST : W_RECEIVE);
        await_reply(me, from);
        if ((failed = wait_done(d, me, timeout))) return failed;
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

int call_notify(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_notify_t, parm)
    CALLER(me, dcid)
    slot_t *to, *from = me;
    if (parm.parm_nr != SELF && parm.parm_nr != me->u.p_nr) {
        from = slot_by_number(d, dcid, parm.parm_nr);
        if (!from || !from->used || from->u.p_rts_flags & RTS_REMOTE) return EDVSBADPROC;
        if (!is_system(d, dcid, me)) return EDVSCALLDENIED;
    }
    if (parm.parm_val < -1 || parm.parm_val > 31) return EDVSRANGE;
    int failed = find_destination(d, dcid, from, parm.parm_ep, EDVSDSTDIED, &to);
    if (failed) return failed;
    if (!(to->u.p_rts_flags & RTS_REMOTE)) { from->u.p_lclsent++; post_notification(d, dcid, from, to, parm.parm_val); return 0; }
    int px = route(d, dcid, to->u.p_nodeid);
    if (px < 0) return px;
    me->request = command(d, CMD_NTFY_MSG, dcid, from->u.p_endpoint, to->u.p_endpoint, to->u.p_nodeid);
    me->request.c_rcode = parm.parm_val;
    me->request.c_msg.m_source = from->u.p_endpoint;
    me->request.c_msg.m_type = NOTIFY_BASE + from->u.p_nr;
    begin_wait(me, W_NOTIFY);
    me->u.p_rts_flags |= RTS_SENDING;
    me->u.p_sendto = to->u.p_endpoint;
    if ((failed = queue_request(d, dcid, me))) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, -1);
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
    if (s->wait == W_NONE) return EDVSPROCSTS;
    finish(d, s, EDVSWOKENUP);
    return 0;
}
