/* Copies of which a peer does its part, or asks this node for its own. */
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

static int is_piece(const incoming_t *i) { return i->cmd.c_vcopy.v_bytes >= 0 && i->cmd.c_vcopy.v_bytes <= i->pair->maxbuf; }

static int store(incoming_t *i, slot_t *to, char *address)
{
    int bytes = i->cmd.c_vcopy.v_bytes;
    if (!bytes) return 0;
    int error = read_memory(getpid(), i->payload, i->d->scratch, bytes);
    if (error) { violation("put2lcl: %d bytes of payload at %p cannot be read", bytes, (void *)i->payload); return error; }
    return write_memory(to->pid, address, i->d->scratch, bytes);
}

static void answer_copy(incoming_t *i, int result)
{
    if (i->cmd.c_cmd == CMD_COPYIN_RQST) answer_requester(i, i->cmd.c_dst, result);
    else answer(i->d, &i->cmd, i->cmd.c_cmd | CMD_ACK, result, 0);
}

/* The destination need not wait. What goes wrong in the copy itself is told to the requester alone, as is how much was copied. */
static int copy_in(incoming_t *i)
{
    if (!is_piece(i) || i->cmd.c_len != i->cmd.c_vcopy.v_bytes) return EDVSRANGE;
    int error = store(i, i->dst, i->cmd.c_vcopy.v_daddr);
    answer_copy(i, error ? error : i->cmd.c_vcopy.v_bytes);
    return 0;
}

static int find_part(incoming_t *i, int endpoint, int dead, slot_t **part)
{
    slot_t *s = slot_by_endpoint(i->d, i->cmd.c_dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    *part = s;
    return s->used ? 0 : dead;
}

static int is_remote(const slot_t *s) { return (s->u.p_rts_flags & RTS_REMOTE) != 0; }

static int check_part(const slot_t *s) { return !is_receiving(s) ? EDVSPROCSTS : s->u.p_rts_flags & RTS_ONCOPY ? EDVSBUSY : 0; }

int copy_blocks(driver_t *d, const vcopy_t *v, slot_t *from, slot_t *to)
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

/* A copy that a third process asked for ends the receive of its source. */
void end_receive_of(driver_t *d, slot_t *source)
{
    if (source->wait == W_RECEIVE) finish(d, source, EDVSUSR2USR);
}

/* c_dst is the copy's destination; its descriptor names both. */
static int copy_local(incoming_t *i)
{
    slot_t *from, *to;
    int error, main_dc;
    const vcopy_t *v = &i->cmd.c_vcopy;
    if (!is_piece(i)) return EDVSRANGE;
    if ((error = find_part(i, v->v_src, EDVSSRCDIED, &from))) return error;
    if (is_remote(from)) return EDVSRMTPROC;
    if ((error = find_part(i, v->v_dst, EDVSDSTDIED, &to))) return error;
    if (is_remote(to)) return EDVSRMTPROC;
    if (from == to) return EDVSENDPOINT;
    if ((error = check_part(from)) || (error = check_part(to))) return error;
    /* The module copies in the name of the proxy's process; where that is none, it does not return from it. */
    if (i->c->in->strict && !slot_of_thread(i->d, i->c->pid, 0, &main_dc)) never_return(i->d);
    if ((error = copy_blocks(i->d, v, from, to))) return error;
    answer_copy(i, v->v_bytes);
    end_receive_of(i->d, from);
    return 0;
}

/* The block follows when the sender proxy fetches it; if it cannot be read then, nothing follows. */
static int copy_out(incoming_t *i)
{
    cmd_t out = command(i->d, CMD_COPYOUT_DATA, i->cmd.c_dcid, i->cmd.c_dst, i->cmd.c_src, i->cmd.c_snode);
    if (!is_piece(i)) return EDVSRANGE;
    out.c_len = i->cmd.c_vcopy.v_bytes;
    out.c_vcopy = i->cmd.c_vcopy;
    return queue_answer(i->d, &out, 0);
}

/* This node has the source: the block goes on to the destination's node. The module puts that node's number where the endpoint belongs. */
static int copy_on(incoming_t *i)
{
    slot_t *to;
    int error = find_part(i, i->cmd.c_vcopy.v_dst, EDVSDSTDIED, &to), bytes = i->cmd.c_vcopy.v_bytes;
    if (error) return error;
    if (!is_remote(to)) return EDVSBADDEST;
    if ((error = check_part(i->dst)) || (error = route(i->d, i->cmd.c_dcid, to->u.p_nodeid)) < 0) return error;
    if (!is_piece(i) || bytes > i->d->pair[error].maxbuf) return EDVSRANGE;
    if (bytes && (error = read_memory(i->dst->pid, i->cmd.c_vcopy.v_saddr, i->d->scratch, bytes))) return error;
    cmd_t on = command(i->d, CMD_COPYIN_RQST, i->cmd.c_dcid, i->cmd.c_dst, to->u.p_nodeid, to->u.p_nodeid);
    on.c_len = bytes;
    on.c_vcopy = i->cmd.c_vcopy;
    return queue_answer(i->d, &on, 0);
}

/* A driver that leaves the descriptor empty is believed. */
static int same_copy(const vcopy_t *a, const vcopy_t *b)
{
    static const vcopy_t empty;
    return (a->v_src == b->v_src && a->v_dst == b->v_dst && a->v_rqtr == b->v_rqtr && a->v_saddr == b->v_saddr && a->v_daddr == b->v_daddr
        && a->v_bytes == b->v_bytes) || (!memcmp(a, &empty, 12) && !a->v_saddr && !a->v_daddr && !a->v_bytes);
}

static int check_awaited(const incoming_t *i)
{
    const slot_t *rqtr = i->dst;
    const vcopy_t *v = &rqtr->request.c_vcopy;
    if (rqtr->wait != W_COPY) return EDVSPROCRUN;
    if (i->cmd.c_src != v->v_src && i->cmd.c_src != v->v_dst) return EDVSACKSRC;
    return !rqtr->op && (rqtr->request.c_cmd | CMD_ACK) == i->cmd.c_cmd && same_copy(&i->cmd.c_vcopy, v) ? 0 : EDVSPROCSTS;
}

/* What was asked for counts, not what the wire says. */
static int store_data(incoming_t *i)
{
    slot_t *to = slot_at(i->d, i->cmd.c_dcid, i->dst->part[1]);
    i->cmd.c_vcopy = i->dst->request.c_vcopy;
    if (i->cmd.c_len != i->cmd.c_vcopy.v_bytes) return EDVSRANGE;
    return to ? store(i, to, i->cmd.c_vcopy.v_daddr) : EDVSFAULT;
}

/* What is not negative is success. */
static int end_request(incoming_t *i)
{
    slot_t *rqtr = i->dst;
    int error = check_awaited(i), result = i->cmd.c_rcode < 0 ? i->cmd.c_rcode : 0;
    if (error) return error;
    if (!result && i->cmd.c_cmd == CMD_COPYOUT_DATA) result = error = store_data(i);
    if (!result) rqtr->u.p_rmtcopy++;
    finish(i->d, rqtr, result);
    return error;
}

int put_copy(incoming_t *i)
{
    switch (i->cmd.c_cmd) {
    case CMD_COPYIN_DATA: case CMD_COPYIN_RQST: return copy_in(i);
    case CMD_COPYOUT_RQST: return copy_out(i);
    case CMD_COPYRMT_RQST: return copy_on(i);
    case CMD_COPYLCL_RQST: return copy_local(i);
    case CMD_COPYOUT_DATA: case CMD_COPYIN_ACK: case CMD_COPYLCL_ACK: case CMD_COPYRMT_ACK: return end_request(i);
    }
    return EDVSBADREQUEST;
}
