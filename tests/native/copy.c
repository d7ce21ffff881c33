/* vcopy: the requester's side. */
#include <string.h>
#include "dvk_standin.h"

static int copy_locally(driver_t *d, const vcopy_t *v, slot_t *from, slot_t *to)
{
    char *block = d->scratch;
    if (!v->v_bytes) return 0;
    int failed = read_memory(from->pid, v->v_saddr, block, v->v_bytes);
    return failed ? failed : write_memory(to->pid, v->v_daddr, block, v->v_bytes);
}

/* Which command a piece needs, to which node, about which process. */
static int start_piece(driver_t *d, int dcid, slot_t *me, slot_t *from, slot_t *to, const vcopy_t *v)
{
    int from_remote = (from->u.p_rts_flags & RTS_REMOTE) != 0, to_remote = (to->u.p_rts_flags & RTS_REMOTE) != 0;
    int code, ack;
    slot_t *partner = from;
    if (!from_remote) { code = CMD_COPYIN_DATA; ack = CMD_COPYIN_ACK; partner = to; }
    else if (!to_remote) { code = CMD_COPYOUT_RQST; ack = CMD_COPYOUT_DATA; }
    else if (from->u.p_nodeid == to->u.p_nodeid) { code = CMD_COPYLCL_RQST; ack = CMD_COPYLCL_ACK; }
    else { code = CMD_COPYRMT_RQST; ack = CMD_COPYRMT_ACK; }
    cmd_t cmd = command(d, code, dcid, me->u.p_endpoint, partner->u.p_endpoint, partner->u.p_nodeid);
    cmd.c_vcopy = *v;
    cmd.c_len = code == CMD_COPYIN_DATA ? v->v_bytes : 0;
    cmd.c_pid = me->u.p_lpid;
    me->done = 0;
    int failed = queue_command(d, &cmd, (int)(me - d->dc[dcid].slot));
    if (failed) return failed;
    me->awaiting = partner->u.p_endpoint;
    me->expect_ack = ack;
    me->u.p_rts_flags |= RTS_ONCOPY | RTS_RMTOP;
    return 0;
}

static int piece(driver_t *d, int dcid, slot_t *me, slot_t *from, slot_t *to, const vcopy_t *v)
{
    if (!((from->u.p_rts_flags | to->u.p_rts_flags) & RTS_REMOTE)) return copy_locally(d, v, from, to);
    int failed = start_piece(d, dcid, me, from, to, v);
    if (failed) return failed;
    failed = sleep_on(d, &me->futex, &me->done, deadline_of(COPY_TIMEOUT));
    if (!failed) return me->result;
    cancel_command(d, me);
    me->u.p_rts_flags = 0;
    me->awaiting = NONE;
    me->expect_ack = 0;
    return failed;
}

static int find_part(driver_t *d, int dcid, slot_t *me, int endpoint, int dead, slot_t **part)
{
    slot_t *s = endpoint == SELF ? me : slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (!s->used) return dead;
    if (endpoint != SELF && s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    *part = s;
    if (s->u.p_rts_flags & RTS_REMOTE) return 0;
    if (s->u.p_rts_flags & RTS_ONCOPY) return EDVSONCOPY;
    return s == me || s->u.p_rts_flags & RTS_RECEIVING ? 0 : EDVSPROCSTS;
}

int call_vcopy(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int dcid;
    vcopy_t v;
    slot_t *from, *to;
    int failed = take(arg, &v, sizeof(v), _Alignof(vcopy_t), "vcopy_t");
    if (failed) return failed;
    if (v.v_rqtr != SELF) { violation("vcopy: requester is %d, not SELF", v.v_rqtr); return EDVSINVAL; }
    slot_t *me = slot_of_thread(d, c->tid, c->pid, &dcid);
    if (!me) return EDVSNOTBIND;
    if (!is_system(d, dcid, me)) return EDVSTRAPDENIED;
    if (v.v_bytes < 0 || v.v_bytes > d->dvs.d_max_copylen) return EDVSRANGE;
    if ((failed = find_part(d, dcid, me, v.v_src, EDVSSRCDIED, &from)) || (failed = find_part(d, dcid, me, v.v_dst, EDVSDSTDIED, &to)))
        return failed;
    if (from == to) return EDVSPERM;
    v.v_src = from->u.p_endpoint;
    v.v_dst = to->u.p_endpoint;
    v.v_rqtr = me->u.p_endpoint;
    int left = v.v_bytes, remote = ((from->u.p_rts_flags | to->u.p_rts_flags) & RTS_REMOTE) != 0;
    do {
        v.v_bytes = left < d->dvs.d_max_copybuf ? left : d->dvs.d_max_copybuf;
        if ((failed = piece(d, dcid, me, from, to, &v))) return failed;
        v.v_saddr += v.v_bytes;
        v.v_daddr += v.v_bytes;
        left -= v.v_bytes;
    } while (left > 0);
    if (remote) me->u.p_rmtcopy++;
    else me->u.p_lclcopy++;
    return 0;
}
