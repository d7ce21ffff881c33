/* vcopy: the requester's side. */
#include <string.h>
#include "dvk_standin.h"

static int is_remote(const slot_t *s) { return (s->u.p_rts_flags & RTS_REMOTE) != 0; }

static int copy_here(driver_t *d, const vcopy_t *v, slot_t *from, slot_t *to)
{
    for (int done = 0; done < v->v_bytes; ) {
        int part = v->v_bytes - done < (int)sizeof(d->scratch) ? v->v_bytes - done : (int)sizeof(d->scratch);
        int failed = read_memory(from->pid, v->v_saddr + done, d->scratch, part);
        if (!failed) failed = write_memory(to->pid, v->v_daddr + done, d->scratch, part);
        if (failed) return failed;
        done += part;
    }
    return 0;
}

/* Which command a piece needs, to which node, about which process. */
static int start_piece(driver_t *d, int dcid, slot_t *me, slot_t *from, slot_t *to, const vcopy_t *v)
{
    int code = !is_remote(from) ? CMD_COPYIN_DATA : !is_remote(to) ? CMD_COPYOUT_RQST
        : from->u.p_nodeid == to->u.p_nodeid ? CMD_COPYLCL_RQST : CMD_COPYRMT_RQST;
    slot_t *partner = is_remote(from) ? from : to, *parts[2] = { from, to };
    me->request = command(d, code, dcid, me->u.p_endpoint, partner->u.p_endpoint, partner->u.p_nodeid);
    me->request.c_vcopy = *v;
    if (code == CMD_COPYIN_DATA) me->request.c_len = v->v_bytes;
    begin_wait(me, W_COPY);
    me->u.p_rts_flags |= RTS_ONCOPY;
    me->u.p_sendto = partner->u.p_endpoint;
    for (int i = 0; i < 2; i++) {
        me->part[i] = is_remote(parts[i]) ? 0 : link_of(d, dcid, parts[i]);
        if (me->part[i]) parts[i]->u.p_rts_flags |= RTS_ONCOPY;
    }
    int failed = queue_request(d, dcid, me);
    if (failed) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, COPY_TIMEOUT);
}

static int find_part(driver_t *d, int dcid, slot_t *me, int endpoint, int dead, slot_t **part)
{
    slot_t *s = endpoint == SELF ? me : slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (!s->used) return dead;
    *part = s;
    return endpoint == SELF || s->u.p_endpoint == endpoint ? 0 : EDVSENDPOINT;
}

static int is_ready(slot_t *me, slot_t *part) { return part == me || is_remote(part) || is_receiving(part); }

static int piece(driver_t *d, int dcid, slot_t *me, vcopy_t *v, int left)
{
    slot_t *from, *to;
    int failed = find_part(d, dcid, me, v->v_src, EDVSSRCDIED, &from);
    if (failed || (failed = find_part(d, dcid, me, v->v_dst, EDVSDSTDIED, &to))) return failed;
    if (from == to) return EDVSPERM;
    if ((me->u.p_rts_flags | from->u.p_rts_flags | to->u.p_rts_flags) & RTS_ONCOPY) return EDVSONCOPY;
    if (!is_ready(me, from) || !is_ready(me, to)) return EDVSPROCSTS;
    v->v_src = from->u.p_endpoint;
    v->v_dst = to->u.p_endpoint;
    v->v_bytes = left;
    if (!left) return 0;
    if (!is_remote(from) && !is_remote(to)) { me->u.p_lclcopy++; return copy_here(d, v, from, to); }
    int px = route(d, dcid, is_remote(from) ? from->u.p_nodeid : to->u.p_nodeid);
    if (px < 0) return px;
    if (is_remote(to) && !(d->dc[dcid].u.dc_nodes & 1UL << to->u.p_nodeid)) return EDVSNODCNODE;
    if (left > d->pair[px].maxbuf) v->v_bytes = d->pair[px].maxbuf;
    if (!is_remote(from) && (failed = read_memory(from->pid, v->v_saddr, d->scratch, v->v_bytes))) return failed;
    if (!is_remote(to) && (failed = read_memory(to->pid, v->v_daddr, d->scratch, v->v_bytes))) return failed;
    return start_piece(d, dcid, me, from, to, v);
}

int call_vcopy(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int dcid;
    vcopy_t v;
    int failed = take(arg, &v, sizeof(v), _Alignof(vcopy_t), "vcopy_t");
    if (failed) return failed;
    if (v.v_rqtr != SELF) { violation("vcopy: requester is %d, not SELF", v.v_rqtr); return EDVSINVAL; }
    slot_t *me = slot_of_thread(d, c->tid, c->pid, &dcid);
    if (!me) return EDVSNOTBIND;
    if (v.v_bytes < 0 || v.v_bytes > d->dvs.d_max_copylen) return EDVSRANGE;
    if (!is_system(d, dcid, me)) return EDVSCALLDENIED;
    v.v_rqtr = me->u.p_endpoint;
    int left = v.v_bytes;
    do {
        if ((failed = piece(d, dcid, me, &v, left))) return failed;
        v.v_saddr += v.v_bytes;
        v.v_daddr += v.v_bytes;
        left -= v.v_bytes;
    } while (left > 0);
    return 0;
}
