/* Messages between processes of this node, and to those of others. */
#include <string.h>
#include "dvk_standin.h"

/* Whether a process waits for a message from there. One in sendrec also takes an ordinary message of its partner for the answer. */
int accepts(const slot_t *to, int from) { return is_receiving(to) && (to->u.p_getfrom == from || to->u.p_getfrom == ANY); }

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

/* Errors that differ between the calls: about oneself, and about a slot in which nobody is. */
static int find_destination(driver_t *d, int dcid, slot_t *me, int endpoint, int oneself, int nobody, slot_t **to)
{
    slot_t *s = slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (endpoint == me->u.p_endpoint) return oneself;
    if (endpoint == HARDWARE) return EDVSBADDEST;
    if (s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    if (!s->used) return nobody;
    *to = s;
    return 0;
}

static void await_reply(slot_t *me, int endpoint)
{
    me->u.p_rts_flags |= RTS_RECEIVING;
    me->u.p_getfrom = endpoint;
}

/* A reply goes out whether it was asked for or not: the peer's driver decides. */
static int send_remote(driver_t *d, int dcid, slot_t *me, slot_t *to, int wait, long timeout)
{
    int code = wait == W_SENDREC ? CMD_SNDREC_MSG : wait == W_REPLY ? CMD_REPLY_MSG : CMD_SEND_MSG;
    int px = route(d, dcid, to->u.p_nodeid);
    if (px < 0) return px;
    if (timeout == 0) return EDVSAGAIN;
    if (awaits_reply_of(to, me->u.p_endpoint)) settle(to);
    me->request = command(d, code, dcid, me->u.p_endpoint, to->u.p_endpoint, to->u.p_nodeid);
    me->request.c_msg = me->msg;
    begin_wait(me, wait);
    me->u.p_rts_flags |= RTS_SENDING;
    me->u.p_sendto = me->u.p_getfrom = to->u.p_endpoint;
    if (wait == W_SENDREC) await_reply(me, to->u.p_endpoint);
    int failed = queue_request(d, dcid, me);
    if (failed) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, timeout);
}

static int send_local(driver_t *d, int dcid, slot_t *me, slot_t *to, int wait, long timeout)
{
    int is_request = wait == W_SENDREC, accepted = accepts(to, me->u.p_endpoint);
    /* No reply can be there at once, and a request without its requester would only confuse the destination. */
    if (is_request && !timeout) return EDVSAGAIN;
    if (accepted && !is_request) {
        me->u.p_lclsent++;
        deliver(d, to, me->u.p_endpoint, &me->msg);
        return 0;
    }
    begin_wait(me, wait);
    if (accepted) deliver(d, to, me->u.p_endpoint, &me->msg);
    else queue_at(d, dcid, to, me, is_request);
    if (is_request) await_reply(me, to->u.p_endpoint);
    return wait_done(d, me, timeout);
}

static int call_with_message(call_t *c, void *arg, int wait, const char *what)
{
    static const unsigned long requests[] = { [W_SEND] = DVK_IOCSSEND, [W_SENDREC] = DVK_IOCSSENDREC, [W_REPLY] = DVK_IOCSREPLY };
    driver_t *d = c->d;
    slot_t *me, *to;
    message msg;
    int dcid;
    TAKE(parm_ipc_t, parm)
    int failed = check_timeout(parm.parm_tout, what);
    if (failed || (failed = take(parm.parm_mptr, &msg, sizeof(msg), _Alignof(message), "message"))) return failed;
    if ((failed = check_caller(c, requests[wait], &me, &dcid))) return failed;
    int is_request = wait == W_SENDREC;
    failed = find_destination(d, dcid, me, parm.parm_ep, is_request ? EDVSENDPOINT : EDVSBADDEST, is_request ? EDVSDEADSRCDST : EDVSDSTDIED, &to);
    if (failed) return failed;
    int is_remote = (to->u.p_rts_flags & RTS_REMOTE) != 0;
    if (wait == W_REPLY && !is_remote && !awaits_reply_of(to, me->u.p_endpoint)) return EDVSPROCSTS;
    me->msg = msg;
    me->msg.m_source = me->u.p_endpoint;
    failed = is_remote ? send_remote(d, dcid, me, to, wait, parm.parm_tout) : send_local(d, dcid, me, to, wait, parm.parm_tout);
    if (failed || !is_request) return failed;
    return give(parm.parm_mptr, &me->msg, sizeof(message), _Alignof(message), "message of sendrec");
}

int call_send(call_t *c, void *arg) { return call_with_message(c, arg, W_SEND, "send"); }

int call_sendrec(call_t *c, void *arg) { return call_with_message(c, arg, W_SENDREC, "sendrec"); }

int call_reply(call_t *c, void *arg) { return call_with_message(c, arg, W_REPLY, "reply"); }

static int take_queued(driver_t *d, int dcid, slot_t *me, int from)
{
    for (int link = me->queue_head; link; link = slot_at(d, dcid, link)->queue_next) {
        slot_t *s = slot_at(d, dcid, link);
        if (from != ANY && s->u.p_endpoint != from) continue;
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

/* The module locks the caller out after the first two refusals. */
static int check_source(call_t *c, int dcid, slot_t *me, int from)
{
    driver_t *d = c->d;
    if (from == ANY) return 0;
    if (from == SELF) from = me->u.p_endpoint;
    slot_t *s = slot_by_endpoint(d, dcid, from);
    if (!s || from == me->u.p_endpoint) { mark_stuck(c, me); return s ? EDVSENDPOINT : EDVSRANGE; }
    if (s->u.p_endpoint != from) return EDVSENDPOINT;
    return s->used ? 0 : EDVSSRCDIED;
}

static int receive(call_t *c, unsigned long request, int from, message *to, long timeout)
{
    driver_t *d = c->d;
    slot_t *me;
    int dcid, failed = check_timeout(timeout, "receive");
    if (failed || (failed = touch_writable(to, sizeof(message), "message of receive"))) return failed;
    if ((failed = check_caller(c, request, &me, &dcid)) || (failed = check_source(c, dcid, me, from))) return failed;
    int takes_notifications = request == DVK_IOCSRECEIVE;
    if (!(takes_notifications && take_pending(d, dcid, me, from)) && !take_queued(d, dcid, me, from)) {
        begin_wait(me, W_RECEIVE);
        await_reply(me, from);
        if ((failed = wait_done(d, me, timeout))) return failed;
    }
    return give(to, &me->msg, sizeof(message), _Alignof(message), "message of receive");
}

int call_receive(call_t *c, void *arg)
{
    TAKE(parm_ipc_t, parm)
    return receive(c, DVK_IOCSRECEIVE, parm.parm_ep, parm.parm_mptr, parm.parm_tout);
}

int call_rcvrqst(call_t *c, void *arg)
{
    TAKE(parm_rcvrqst_t, parm)
    return receive(c, DVK_IOCSRCVRQST, ANY, parm.parm_mptr, parm.parm_tout);
}

int call_wakeup(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_wakeup_t, parm)
    int failed = find_dc(d, parm.parm_dcid);
    if (failed) return failed;
    slot_t *s = slot_by_endpoint(d, parm.parm_dcid, parm.parm_ep);
    if (!s) return EDVSRANGE;
    if (!s->used) return EDVSNOTBIND;
    if (s->u.p_endpoint != parm.parm_ep) return EDVSENDPOINT;
    if (s->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    if (s->wait == W_NONE) return EDVSPROCSTS;
    finish(d, s, EDVSWOKENUP);
    return 0;
}
