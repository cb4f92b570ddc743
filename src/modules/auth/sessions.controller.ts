import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Principal, Public, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { LoginDto, ProfileDto, SessionDto, SessionListDto } from './dto/session.dto.js';
import { clearSessionCookie, originOf, setSessionCookie } from './session-cookie.js';
import { SessionsService } from './sessions.service.js';
import { signedInUser } from './signed-in-user.js';

@ApiTags('Sign-in')
@Controller('api')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Sign in; the answer sets the session cookie. */
  @Post('login')
  @Public()
  @HttpCode(200)
  @ApiEnveloped(ProfileDto, { description: 'Who has signed in.' })
  async login(
    @Body() { email, password }: LoginDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProfileDto> {
    const { token, user } = await this.sessions.signIn(email, password, originOf(request));
    setSessionCookie(request, response, token);
    return ProfileDto.from(user);
  }

  /** Sign out. */
  @Post('logout')
  @Requires('read')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The session is closed.' })
  async logout(
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const { userId, sessionId } = signedInUser(principal);
    await this.sessions.close(userId, sessionId);
    clearSessionCookie(response);
  }

  /** Who I am. */
  @Get('user/profile')
  @Requires('read')
  @ApiEnveloped(ProfileDto, { description: 'The signed-in user.' })
  async profile(@CurrentPrincipal() principal: Principal): Promise<ProfileDto> {
    return ProfileDto.from(await this.sessions.user(signedInUser(principal).userId));
  }

  /** Where I am signed in. */
  @Get('sessions')
  @Requires('read')
  @ApiEnveloped(SessionListDto, { description: 'The open sessions of the signed-in user.' })
  async list(@CurrentPrincipal() principal: Principal): Promise<SessionListDto> {
    const { userId, sessionId } = signedInUser(principal);
    const sessions = await this.sessions.list(userId);
    return { sessions: sessions.map((session) => SessionDto.from(session, sessionId)) };
  }

  /** Close one of my sessions. */
  @Delete('sessions/:id')
  @Requires('read')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The session is closed.' })
  close(@CurrentPrincipal() principal: Principal, @Param('id', UUID) id: string): Promise<void> {
    return this.sessions.close(signedInUser(principal).userId, id);
  }
}
